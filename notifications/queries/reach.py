"""Whom an update would reach, by which channel, and whom not and why: what planning would do, said before it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, QuerySet

from incidents.models import Incident, Update
from incidents.queries import outside_scope_of
from incidents.rules.content import Content, Wording
from incidents.rules.variables import names_in_words
from incidents.rules.words import Status
from notifications.models import Delivery
from notifications.queries import got_or_may_have
from notifications.queries.earlier import told_earlier_now
from notifications.queries.routing import recipients, urgency_of_incident, ways_of
from notifications.rules.routing import Way, channel_said, in_words
from notifications.rules.sms import Segments, segments, sms_text
from notifications.rules.states import MessageKind
from notifications.rules.told import Told
from notifications.rules.wordings import worded
from policies.rules.urgency import Urgency
from stakeholders.models import Audience, ContactPoint
from stakeholders.queries.circles import Circle
from stakeholders.queries.previews import WORDS, unreached
from stakeholders.queries.routed import reached_besides


@dataclass(frozen=True)
class AudienceReach:
    """One audience: `people` belong to it, `addresses` per channel as they would be told, `unreached` people per reason, `left_out`
    channels of its route with the reason in words. `outside` says why nobody in it is told at all; empty when they are.
    """

    key: str
    name: str
    people: int
    addresses: Mapping[str, int]
    surfaces: tuple[str, ...] = ()
    unreached: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[tuple[str, str], ...] = ()
    route_words: str = ""
    outside: str = ""
    sms: Segments | None = None
    fallbacks: tuple[tuple[str, int, int], ...] = ()
    """Channel, minutes it is waited for, and how many people told by it could be told by a later one."""

    @property
    def channels(self) -> list[tuple[str, int]]:
        """The channels to people by name, in the order of the route."""
        return [(channel_said(channel), count) for channel, count in self.addresses.items()]

    @property
    def fallback_words(self) -> list[tuple[str, int, int]]:
        """Channel by name, minutes, and how many people another channel could tell in its stead."""
        return [(channel_said(channel), minutes, count) for channel, minutes, count in self.fallbacks]

    @property
    def surface_names(self) -> list[str]:
        """Where it is shown besides."""
        return [channel_said(surface) for surface in self.surfaces]

    @property
    def left_out_words(self) -> list[tuple[str, str]]:
        """The channels that are not used, by name."""
        return [(channel_said(channel), why) for channel, why in self.left_out]

    @property
    def unreached_words(self) -> list[tuple[int, str]]:
        """How many people nothing reaches, and why."""
        return [(count, WORDS[reason]) for reason, count in self.unreached.items()]

    @property
    def people_told(self) -> int:
        """How many of the people who belong to it are told, each once, however many addresses they have."""
        return 0 if self.outside else self.people - sum(self.unreached.values())

    @property
    def told(self) -> int:
        """How many addresses are written to."""
        return sum(self.addresses.values())


@dataclass(frozen=True)
class Reach:
    """`people` counts everybody who is told once, `addresses` every address once, whichever audience they are told through;
    `sms_segments` is the sum over all text messages."""

    urgency: Urgency
    audiences: tuple[AudienceReach, ...]
    addresses: Mapping[str, int]
    people: int
    corrects: bool = False
    earlier: int = 0
    """People besides, who were sent an earlier update and belong to none of the audiences any more."""

    @property
    def total(self) -> int:
        """How many addresses are written to, but for those who got an earlier update alone."""
        return sum(self.addresses.values())

    @property
    def readers(self) -> int:
        """How many people it goes to, those who got an earlier update alone among them: what the button says."""
        return self.people + self.earlier

    @property
    def sms_segments(self) -> int:
        """How many segments all its text messages come to."""
        return sum(one.addresses.get("sms", 0) * one.sms.count for one in self.audiences if one.sms is not None)

    @property
    def sms_price(self) -> str:
        """What they cost at the price that is set, for instance `37.50 USD`; empty where none is set."""
        price = Decimal(settings.SMS_PRICE_PER_SEGMENT)
        return f"{price * self.sms_segments:,.2f} {settings.SMS_PRICE_CURRENCY}" if price else ""

    def in_words(self) -> str:
        """For instance `12,700 people (12,431 by e-mail, 310 by SMS) and the public page`."""
        by = [f"{count:,} by {channel_said(channel)}" for channel, count in self.addresses.items() if count]
        by += [f"{self.earlier:,} more who got earlier updates"] if self.earlier else []
        people = f"{self.readers:,} {'person' if self.readers == 1 else 'people'} ({', '.join(by)})" if by else ""
        surfaces = dict.fromkeys(surface for one in self.audiences for surface in one.surface_names if not one.outside)
        return names_in_words(said) if (said := [*filter(None, [people]), *surfaces]) else ""


def reach(update: Update, content: Content, *, now: datetime) -> Reach:
    """Were it released now. A correction or retraction reaches those who got what it is about, where they got it."""
    if update.corrects is not None:
        return _of_correction(update, update.corrects, content)
    return reach_of_content(update.incident, content, now=now)


def reach_of_content(incident: Incident, content: Content, *, now: datetime) -> Reach:
    """Of content that stands for itself."""
    named = list(Audience.objects.filter(key__in=content.audiences).order_by("position", "id"))
    ways, outside = ways_of(incident, content), outside_scope_of(incident, content.audiences)
    words = worded(content)
    found = [
        _outside(audience, outside[audience.key])
        if audience.key in outside
        else _audience(audience, ways[audience.key], _segments(content, words.get(audience.key), audience, now))
        for audience in named
    ]
    told = [(audience, ways[audience.key]) for audience in named if audience.key not in outside]
    earlier = 0
    if content.status == Status.RESOLVED:
        earlier = told_earlier_now(incident.pk, [audience for audience, _ in told if audience.key in words], ways, content.channels)
    return Reach(urgency_of_incident(incident), tuple(found), *_together(told, found), earlier=earlier)


def _outside(audience: Audience, why: str) -> AudienceReach:
    return AudienceReach(audience.key, audience.name, Circle.of(audience).members().count(), {}, outside=why)


def _audience(audience: Audience, way: Way, sms: Segments | None) -> AudienceReach:
    circle = Circle.of(audience)
    addresses = {channel: recipients(circle, way.kinds, channel).count() for channel in way.kinds}
    return AudienceReach(
        key=audience.key,
        name=audience.name,
        people=circle.members().count(),
        addresses=addresses,
        surfaces=way.surfaces,
        unreached=unreached(circle, kinds=way.kinds),
        left_out=way.left_out,
        route_words=in_words(way.steps),
        sms=sms if addresses.get("sms") else None,
        fallbacks=tuple(
            (step.channel, step.fallback_after, reached_besides(circle, way.kinds, step.channel).count())
            for step in way.steps
            if step.fallback_after is not None and addresses[step.channel]
        ),
    )


def _together(told: "list[tuple[Audience, Way]]", found: "list[AudienceReach]") -> tuple[dict[str, int], int]:
    """Addresses per channel and the people behind them, each once: of several audiences the union, counted in the database."""
    if len(told) == 1:
        return next((dict(one.addresses), one.people_told) for one in found if not one.outside)
    sets = [recipients(Circle.of(audience), way.kinds, kind).values("pk") for audience, way in told for kind in way.kinds]
    if not sets:
        return {}, 0
    first, *rest = sets
    points = ContactPoint.objects.filter(pk__in=first.union(*rest, all=True)).order_by()
    counted = dict(points.values_list("kind").annotate(Count("pk")))
    order = dict.fromkeys(kind for _, way in told for kind in way.kinds)
    return {kind: counted[kind] for kind in order if kind in counted}, points.values("stakeholder").distinct().count()


def _of_correction(update: Update, corrects: Update, content: Content) -> Reach:
    named = list(Audience.objects.filter(key__in=content.audiences).order_by("position", "id"))
    got = got_or_may_have(corrects, audiences=content.audiences).filter(channel__in=content.channels)
    by_audience: dict[str, dict[str, int]] = {}
    together: dict[str, int] = {}
    for key, channel, count in got.order_by("channel").values_list("audience__key", "channel").annotate(n=Count("id")):
        by_audience.setdefault(key, {})[channel] = count
        together[channel] = together.get(channel, 0) + count
    found = []
    for audience in named:
        addresses = by_audience.get(audience.key, {})
        surfaces = ("page:public",) if audience.is_public and "page" in content.channels else ()
        found.append(AudienceReach(audience.key, audience.name, _people(got.filter(audience=audience)), addresses, surfaces))
    return Reach(urgency_of_incident(update.incident), tuple(found), together, _people(got), corrects=True)


def _people(got: QuerySet[Delivery]) -> int:
    """Behind these addresses, each once."""
    return got.order_by().values("contact_point__stakeholder").distinct().count()


def _segments(content: Content, wording: Wording | None, audience: Audience, now: datetime) -> Segments | None:
    if wording is None:
        return None
    minutes = content.next_update_minutes
    told = Told(
        kind=MessageKind.RELEASE,
        message="",
        incident="",
        audience=audience.key,
        title=wording.title,
        body=wording.body,
        status=content.status,
        impact=content.impact,
        components=(),
        released_at=now,
        next_due_at=now + timedelta(minutes=minutes) if minutes else None,
        page_name=settings.PUBLIC_PAGE_NAME,
        link=settings.PUBLIC_PAGE_URL,
    )
    return segments(sms_text(told, ZoneInfo("UTC"), most=settings.SMS_MOST_SEGMENTS))
