"""Releases that somebody may see, how they stand, and whom one has reached."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, F, Func, Q, QuerySet

from accounts.actors import Actor
from approvals.models import Release
from core.errors import NotFound
from incidents.models import Incident, Update
from notifications.models import Delivery, DeliveryRun, Message, WindowAttempt
from notifications.queries.counts import counts_of
from notifications.queries.live import is_done, is_planned_whole
from notifications.rules.states import IN_FLIGHT, TAKEN_OVER, WAITING, DeliveryState

# Taken over by the provider, or nobody can say that it was not: a worker that holds the row may be sending it now.
MAY_HAVE_GOT = TAKEN_OVER | {DeliveryState.UNCERTAIN} | IN_FLIGHT

# A row that waits for another try, or is not tried again, counts when an earlier try ended without anybody knowing how.
_DOUBTFUL = WAITING | {DeliveryState.SUPERSEDED, DeliveryState.CANCELLED, DeliveryState.EXPIRED}
# On the wire in an open window, which holds the attempts of many: their own rows say so only when it is closed.
_IN_OPEN_WINDOWS = (
    WindowAttempt.objects.filter(pk__in=DeliveryRun.objects.filter(window_id__isnull=False).values("window_id"))
    .order_by()
    .annotate(delivery=Func(F("deliveries"), function="unnest", output_field=BigIntegerField()))
    .values("delivery")
)
GOT_OR_MAY_HAVE = (
    Q(state__in=sorted(MAY_HAVE_GOT))
    | Q(state__in=sorted(_DOUBTFUL), ambiguous__gt=0)
    | Q(state__in=sorted(WAITING), pk__in=_IN_OPEN_WINDOWS)
)


def visible_releases(actor: Actor) -> "QuerySet[Release]":
    """Releases of incidents the actor may see."""
    return Release.objects.filter(update_of__incident__in=Incident.objects.visible_to(actor)).select_related(
        "update_of__incident", "revision"
    )


def visible_release(actor: Actor, public_id: str) -> Release:
    """One of them; raises `NotFound` for others and for what does not exist."""
    release = visible_releases(actor).filter(public_id=public_id).first()
    if release is None:
        raise NotFound
    return release


@dataclass(frozen=True)
class Stand:
    """Deliveries per state, of states that occur; `done` when none is under way any more, nor still to be planned."""

    states: dict[str, int]
    done: bool


def stands(releases: Sequence[Release]) -> dict[int, Stand]:
    """How several releases stand, in two queries, by release key; one that nothing was to be sent for is done."""
    found_messages = Message.objects.filter(release__in=releases).only("release_id", "planned_at", "unplanned", "ended_as")
    messages = {message.release_id: message for message in found_messages}
    counted = counts_of([message.pk for message in messages.values()])
    found = {}
    for release in releases:
        message = messages.get(release.pk)
        states = counted[message.pk] if message else {}
        found[release.pk] = Stand(states, is_done(states, planned_whole=message is None or is_planned_whole(message)))
    return found


def delivery_counts(release: Release | None) -> dict[str, int]:
    """Deliveries per state of one release; empty without one."""
    return stands([release])[release.pk].states if release else {}


def got_or_may_have(update: Update, *, audiences: Collection[str]) -> "QuerySet[Delivery]":
    """Deliveries of the released `update` in these audiences that arrived, or may have."""
    return Delivery.objects.filter(
        GOT_OR_MAY_HAVE,
        message__release__update_of=update,
        audience__key__in=audiences,
    )
