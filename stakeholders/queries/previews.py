"""Who would be told, before anybody is: how many by which channel, whom nothing reaches and why, a sample, and why somebody belongs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Case, Count, Exists, F, OuterRef, Value, When

from catalogue.models import Component
from stakeholders.models import Audience, ContactPoint, OptOut, Stakeholder
from stakeholders.queries.circles import REACHABLE, Circle
from stakeholders.rules.explaining_filters import why, why_not
from stakeholders.rules.filters import Entry, Filter
from stakeholders.rules.kinds import VerificationState

SAMPLE = 20


class Unreached(StrEnum):
    """Why nobody can tell somebody who belongs; of several the first counts."""

    NO_ADDRESS = "no_address"
    OTHER_CHANNEL = "other_channel"
    """Reachable, by channels alone that are not used."""
    OPTED_OUT = "opted_out"
    UNCONFIRMED = "unconfirmed"
    SUPPRESSED = "suppressed"


WORDS: dict[str, str] = {
    Unreached.NO_ADDRESS: "have no address in the register",
    Unreached.OTHER_CHANNEL: "can be reached only by channels that are not used",
    Unreached.OPTED_OUT: "have unsubscribed",
    Unreached.UNCONFIRMED: "have not confirmed their address yet",
    Unreached.SUPPRESSED: "have only addresses that are not written to any more",
}


@dataclass(frozen=True)
class Preview:
    """`people` belong; `addresses` counts the reachable ones per kind; `unreached` people per reason; `sample` the first by name."""

    people: int
    addresses: Mapping[str, int]
    unreached: Mapping[str, int]
    sample: tuple[Stakeholder, ...]

    @property
    def people_reached(self) -> int:
        """How many have at least one address that is written to."""
        return self.people - sum(self.unreached.values())


def preview(circle: Circle, *, kinds: Collection[str] | None = None, sample: int = SAMPLE) -> Preview:
    """The circle as the register stands now; with `kinds`, by these channels alone."""
    members = circle.members()
    points = circle.points() if kinds is None else circle.points().filter(kind__in=list(kinds))
    shown = members.order_by("name", "id").prefetch_related("depends_on")[:sample] if sample else ()
    return Preview(
        people=members.count(),
        addresses=dict(points.values_list("kind").annotate(Count("pk"))),
        unreached=unreached(circle, kinds=kinds),
        sample=tuple(shown),
    )


def people_reached(circle: Circle) -> int:
    """How many belong who have at least one address that is written to, whatever its kind."""
    return circle.members().filter(pk__in=circle.points().values("stakeholder")).count()


def unreached(circle: Circle, *, kinds: Collection[str] | None = None) -> dict[str, int]:
    """How many belong whom nothing reaches, per reason that occurs."""
    points = ContactPoint.objects.filter(stakeholder=OuterRef("pk"))
    working = points.filter(**REACHABLE)
    free = working
    if circle.audience is not None:
        free = working.filter(~Exists(OptOut.objects.filter(contact_point=OuterRef("pk"), audience=circle.audience)))
    used = free if kinds is None else free.filter(kind__in=list(kinds))
    pending = points.filter(suppressed_at__isnull=True, verification=VerificationState.PENDING)
    reason = Case(
        When(~Exists(points.filter(removed_at__isnull=True)), then=Value(Unreached.NO_ADDRESS.value)),
        When(Exists(free), then=Value(Unreached.OTHER_CHANNEL.value)),
        When(Exists(working), then=Value(Unreached.OPTED_OUT.value)),
        When(Exists(pending), then=Value(Unreached.UNCONFIRMED.value)),
        default=Value(Unreached.SUPPRESSED.value),
    )
    missed = circle.members().filter(~Exists(used)).annotate(reason=reason)
    return dict(missed.values_list("reason").annotate(n=Count("pk")).order_by(F("n").desc()))


@dataclass(frozen=True)
class Belonging:
    """Whether somebody belongs, and what makes it so, in words: the list, or the parts of the filter that hold (or do not)."""

    belongs: bool
    reasons: tuple[str, ...]


def why_belongs(circle: Circle, stakeholder: Stakeholder) -> Belonging:
    """Why this person is in the circle, or is not."""
    return why_belong(circle, [stakeholder])[0]


def why_belong(circle: Circle, people: Sequence[Stakeholder]) -> list[Belonging]:
    """The same for several people, in their order."""
    listed: set[int] = set()
    if circle.audience is not None:
        listed = set(circle.audience.members.filter(stakeholder__in=people).values_list("stakeholder_id", flat=True))
    names = dict(Component.objects.values_list("key", "name")) if circle.condition is not None else {}
    return [_belonging(circle.condition, entry_of(one), listed=one.pk in listed, names=names) for one in people]


def _belonging(condition: Filter | None, entry: Entry, *, listed: bool, names: Mapping[str, str]) -> Belonging:
    reasons = ["it was put on the list by hand or subscribed"] if listed else []
    if condition is None:
        return Belonging(listed, tuple(reasons) or ("it is not on the list",))
    matched = why(condition, entry, names)
    if matched or listed:
        return Belonging(True, (*reasons, *matched))
    return Belonging(False, tuple(why_not(condition, entry, names)))


def entry_of(stakeholder: Stakeholder) -> Entry:
    """What a filter reads of it."""
    return Entry(
        kind=stakeholder.kind,
        language=stakeholder.language,
        tier=stakeholder.tier,
        region=stakeholder.region,
        component=frozenset(component.key for component in stakeholder.depends_on.all()),
        tag=frozenset(stakeholder.tags),
    )


def audiences_of(stakeholder: Stakeholder) -> list[tuple[Audience, Belonging]]:
    """Every audience the person is in now, with the reasons."""
    found = [(audience, why_belongs(Circle.of(audience), stakeholder)) for audience in Audience.objects.all()]
    return [(audience, belonging) for audience, belonging in found if belonging.belongs]
