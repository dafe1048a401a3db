"""Who can act in a duty at an instant, whom to ask first, and when there is nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from accounts.rules.duties import Duty
from accounts.rules.rota import Turn
from accounts.rules.spans import Span, until_when
from accounts.rules.training import what_is_wrong

ON_DUTY, STANDS_IN, OTHERS = 0, 1, 2


@dataclass(frozen=True)
class Holder:
    """Somebody whose role allows the duty. `person` is the same for all accounts of one human."""

    user: str
    person: str
    name: str
    absent: tuple[Span, ...] = ()
    trained: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Handover:
    """For this time the taker is asked where the giver would be. It grants nothing: only holders are ever asked."""

    giver: str
    taker: str
    span: Span


@dataclass(frozen=True)
class DutyRoster:
    """All that is known of one duty around a window of time. `in_force` is when the duty has a rota at all."""

    duty: Duty
    holders: tuple[Holder, ...]
    turns: tuple[Turn, ...] = ()
    handovers: tuple[Handover, ...] = ()
    in_force: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Place:
    """One holder at one instant: their tier, and what keeps them from acting, in words; nothing when they can."""

    user: str
    tier: int
    reasons: tuple[str, ...]

    @property
    def can_act(self) -> bool:
        """Whether they may be asked."""
        return not self.reasons


class Cover(StrEnum):
    """How well a duty is covered at an instant."""

    COVERED = "covered"
    OFF_DUTY_ONLY = "off_duty_only"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Segment:
    """A stretch of time in which nothing changes: who is to be asked, who stands behind them, and how well that covers."""

    span: Span
    on_duty: tuple[str, ...]
    deputies: tuple[str, ...]
    cover: Cover


def has_rota(roster: DutyRoster, at: datetime) -> bool:
    """Whether the duty is on a rota at all; without one every holder is on duty always."""
    return any(span.holds(at) for span in roster.in_force)


def places(roster: DutyRoster, at: datetime, *, excluding: frozenset[str] = frozenset(), training_required: bool = True) -> list[Place]:
    """Every holder, those to ask first before the others, who can act before who cannot, then by name.

    `excluding` are persons who may not act whatever their account: who wrote the words in question.
    """
    tiers = _tiers(roster, at)
    name_of = {holder.user: holder.name.casefold() for holder in roster.holders}
    found = [
        Place(
            user=holder.user,
            tier=tiers.get(holder.user, OTHERS),
            reasons=tuple(_reasons(roster.duty, holder, at, excluding, training_required)),
        )
        for holder in roster.holders
    ]
    return sorted(found, key=lambda place: (place.tier, not place.can_act, name_of[place.user], place.user))


def _reasons(duty: Duty, holder: Holder, at: datetime, excluding: frozenset[str], training_required: bool) -> Iterator[str]:
    if holder.person in excluding:
        yield "wrote at this update or put it forward"
    back = until_when(holder.absent, at)
    if back is not None:
        yield f"absent until {back.day} {back:%B %Y, %H:%M} UTC"
    missing = what_is_wrong(holder.trained, at, duty) if training_required else None
    if missing:
        yield missing


def _tiers(roster: DutyRoster, at: datetime) -> dict[str, int]:
    """The tier per user, of those who are in the rota at this instant; without a rota everybody is on duty."""
    if not has_rota(roster, at):
        return {holder.user: ON_DUTY for holder in roster.holders}
    tiers: dict[str, int] = {}
    for turn in _running(roster, at):
        takers = _takers(roster, turn.user, at)
        # Who handed the duty over is asked with the others only; the taker takes their place in line.
        order = [(turn.user, OTHERS if takers else ON_DUTY), *((taker, STANDS_IN) for taker in takers)]
        if turn.deputy is not None:
            order += [(turn.deputy, STANDS_IN), *((taker, STANDS_IN) for taker in _takers(roster, turn.deputy, at))]
        for user, tier in order:
            tiers[user] = min(tier, tiers.get(user, OTHERS))
    return tiers


def on_duty(roster: DutyRoster, at: datetime, *, training_required: bool = True) -> list[str]:
    """Whom to ask: per running shift its holder, else the taker of a handover, else the deputy; only people who can act."""
    able = [place.user for place in places(roster, at, training_required=training_required) if place.can_act]
    if not has_rota(roster, at):
        return able
    found: list[str] = []
    for turn in _running(roster, at):
        takers = _takers(roster, turn.user, at)
        deputies = [turn.deputy, *_takers(roster, turn.deputy, at)] if turn.deputy is not None else []
        line = [*([] if takers else [turn.user]), *takers, *deputies]
        found += [user for user in line if user in able][:1]
    return list(dict.fromkeys(found))


def deputies(roster: DutyRoster, at: datetime, *, training_required: bool = True) -> list[str]:
    """Who stands behind those on duty and can act: deputies and takers of handovers who are not on duty themselves."""
    first = on_duty(roster, at, training_required=training_required)
    known = places(roster, at, training_required=training_required)
    return [place.user for place in known if place.tier == STANDS_IN and place.can_act and place.user not in first]


def segments(roster: DutyRoster, start: datetime, end: datetime, *, training_required: bool = True) -> list[Segment]:
    """The window cut where anything changes, neighbours that are alike joined."""
    found: list[Segment] = []
    edges = _edges(roster, start, end)
    for left, right in pairwise(edges):
        made = _segment(roster, Span(left, right), training_required)
        last = found[-1] if found else None
        if last and (last.on_duty, last.deputies, last.cover) == (made.on_duty, made.deputies, made.cover):
            found[-1] = Segment(Span(last.span.start, right), last.on_duty, last.deputies, last.cover)
        else:
            found.append(made)
    return found


def _segment(roster: DutyRoster, span: Span, training_required: bool) -> Segment:
    at = span.start
    first = on_duty(roster, at, training_required=training_required)
    behind = deputies(roster, at, training_required=training_required)
    if first:
        cover = Cover.COVERED
    elif any(place.can_act for place in places(roster, at, training_required=training_required)):
        cover = Cover.OFF_DUTY_ONLY
    else:
        cover = Cover.NOBODY
    return Segment(span, tuple(first), tuple(behind), cover)


def _running(roster: DutyRoster, at: datetime) -> list[Turn]:
    return [turn for turn in roster.turns if turn.span.holds(at)]


def _takers(roster: DutyRoster, giver: str, at: datetime) -> list[str]:
    return [handover.taker for handover in roster.handovers if handover.giver == giver and handover.span.holds(at)]


def _edges(roster: DutyRoster, start: datetime, end: datetime) -> Sequence[datetime]:
    spans = [
        *(turn.span for turn in roster.turns),
        *(handover.span for handover in roster.handovers),
        *roster.in_force,
        *(span for holder in roster.holders for span in (*holder.absent, *holder.trained)),
    ]
    inside = {edge for span in spans for edge in (span.start, span.end) if start < edge < end}
    return sorted({start, end} | inside) if start < end else []
