"""The list of the register, and search as one types: quick however many entries there are, because nothing is counted or sorted anew."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Upper

from accounts.actors import Actor
from accounts.rules.roles import Permission
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.rules.kinds import VerificationState

# Below so many characters a part of a word is in almost every row, and no trigram stands for it: the beginning of the name is meant.
PART_FROM = 3


@dataclass(frozen=True)
class Place:
    """Where a page of the list begins: after this entry, by name."""

    name: str
    pk: int


def register_page(actor: Actor, *, after: Place | None = None, kind: str = "", tier: str = "", size: int = 50) -> list[Stakeholder]:
    """Entries in the order of their names, one more than `size` where there are more. Raises `Forbidden`."""
    rows = _shown(actor)
    if kind:
        rows = rows.filter(kind=kind)
    if tier:
        rows = rows.filter(tier=tier)
    return _page(rows, after, size)


def suppressed_page(actor: Actor, *, after: Place | None = None, size: int = 50) -> list[Stakeholder]:
    """The same for entries with an address that is not written to. Raises `Forbidden`."""
    stopped = ContactPoint.objects.filter(suppressed_at__isnull=False, removed_at__isnull=True)
    return _page(_shown(actor).filter(pk__in=stopped.values("stakeholder")), after, size)


def search_register(actor: Actor, words: str, *, size: int = 50) -> list[Stakeholder]:
    """Entries whose name, external id or address holds the words, names first; one more than `size` where there are more.

    Each way is asked for no more than that, so that a word which everybody has costs what a rare one does. Raises `Forbidden`.
    """
    actor.require(Permission.STAKEHOLDER_READ)
    text = words.strip().upper()
    if not text:
        return []
    names = Stakeholder.objects.annotate(up=Upper("name"))
    if len(text) < PART_FROM:
        # In the order of the index that finds them: sorting by name would have the database walk all names in search of these.
        by_name = names.filter(up__startswith=text).order_by()
    else:
        by_name = names.filter(up__contains=text).order_by("name", "id")
    found = list(by_name.values_list("pk", flat=True)[: size + 1])
    if len(found) <= size:
        found += Stakeholder.objects.filter(external_id=words.strip()).values_list("pk", flat=True)
    if len(found) <= size and len(text) >= PART_FROM:
        points = ContactPoint.objects.annotate(up=Upper("address")).filter(up__contains=text, removed_at__isnull=True).order_by()
        found += points.values_list("stakeholder_id", flat=True)[: (size + 1) * 2]
    wanted = list(dict.fromkeys(found))[: size + 1]
    rows = {row.pk: row for row in _shown(actor).filter(pk__in=wanted)}
    return [rows[pk] for pk in wanted if pk in rows]


BAD: dict[str, str] = {
    "bounce": "Does not work",
    "complaint": "Complained",
    "soft": "Bounces for now",
    "pending": "Waits for its confirmation",
    "stale": "To be confirmed again",
    "unconfirmed": "Not confirmed again",
}


def bad_contact_points(actor: Actor, why: str = "") -> "QuerySet[ContactPoint]":
    """What somebody should look at, newest first, of one reason (`BAD`) where it is given. Raises `Forbidden`.

    What an operator or the reader stopped is as it should be.
    """
    actor.require(Permission.STAKEHOLDER_READ)
    reasons = {
        **{kind: Q(suppression_kind=kind, suppressed_at__isnull=False) for kind in ("bounce", "complaint", "unconfirmed")},
        "soft": Q(bad_since__isnull=False, suppressed_at__isnull=True),
        "pending": Q(verification=VerificationState.PENDING.value, suppressed_at__isnull=True),
        "stale": Q(verification=VerificationState.STALE.value, suppressed_at__isnull=True),
    }
    wanted = reasons[why] if why else reduce(or_, reasons.values())
    return ContactPoint.objects.filter(wanted, removed_at__isnull=True).select_related("stakeholder").order_by("-id")


def _page(rows: "QuerySet[Stakeholder]", after: Place | None, size: int) -> list[Stakeholder]:
    if after is not None:
        # As one comparison of rows, which walks the index from that place on.
        rows = rows.extra(where=["(stakeholders_stakeholder.name, stakeholders_stakeholder.id) > (%s, %s)"], params=[after.name, after.pk])
    return list(rows.order_by("name", "id")[: size + 1])


def _shown(actor: Actor) -> "QuerySet[Stakeholder]":
    actor.require(Permission.STAKEHOLDER_READ)
    standing = ContactPoint.objects.filter(removed_at__isnull=True)
    return Stakeholder.objects.select_related("organisation").prefetch_related(Prefetch("contact_points", standing))
