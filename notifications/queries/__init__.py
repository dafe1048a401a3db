"""How a release is getting on."""

from collections.abc import Collection, Sequence
from typing import TypedDict

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from approvals.models import Release
from core.errors import NotFound
from incidents.models import Incident, Update
from notifications.models import Delivery, DeliveryFailure, Message
from notifications.queries.counts import counts_by_channel, counts_of
from notifications.rules.states import IN_FLIGHT, OPEN, TAKEN_OVER, WAITING, DeliveryState

# Taken over by the provider, or nobody can say that it was not: a worker that holds the row may be sending it now.
MAY_HAVE_GOT = TAKEN_OVER | {DeliveryState.UNCERTAIN} | IN_FLIGHT
LISTED = 50
# A person or a later release ended them, all at once; whatever else went wrong has a row of its own.
STOPPED = frozenset({DeliveryState.SUPERSEDED, DeliveryState.CANCELLED})


class Failure(TypedDict):
    """A delivery that did not arrive, or was stopped before it was sent, without its address."""

    recipient: str
    state: str
    reason: str


class ReleaseProgress(TypedDict):
    """`states` lists only states that occur; `planned` is their sum; `done` when none is open any more.

    `stopped` says why nothing is sent for now; empty when it may go.
    """

    planned: int
    done: bool
    states: dict[str, int]
    by_channel: dict[str, dict[str, int]]
    failures: list[Failure]
    stopped: str


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


def release_progress(release_id: int) -> ReleaseProgress:
    """Counts per state and channel, and the first 50 that failed or were stopped."""
    message = Message.objects.filter(release=release_id).values_list("pk", flat=True).first()
    by_channel = counts_by_channel([message])[message] if message is not None else {}
    states: dict[str, int] = {}
    for counts in by_channel.values():
        for state, count in counts.items():
            states[state] = states.get(state, 0) + count
    failed = list(
        DeliveryFailure.objects.filter(message=message)
        .order_by("delivery_id")
        .values_list("delivery__contact_point__stakeholder__name", "state", "reason")[:LISTED]
    )
    if len(failed) < LISTED and STOPPED & states.keys():
        stopped = Delivery.objects.filter(message=message, state__in=sorted(STOPPED)).order_by("id")
        failed += stopped.values_list("contact_point__stakeholder__name", "state", "reason")[: LISTED - len(failed)]
    return {
        "planned": sum(states.values()),
        "done": is_done(states),
        "states": states,
        "by_channel": by_channel,
        "stopped": Message.objects.filter(release=release_id).values_list("stopped_reason", flat=True).first() or "",
        "failures": [{"recipient": name or "", "state": state, "reason": reason} for name, state, reason in failed],
    }


def progress(release: Release) -> dict[str, int]:
    """Deliveries per state."""
    return release_progress(release.pk)["states"]


def delivery_counts(releases: Sequence[Release]) -> dict[int, dict[str, int]]:
    """Deliveries per state for several releases, in one query: `{release key: {state: count}}`."""
    messages = dict(Message.objects.filter(release__in=releases).values_list("pk", "release_id"))
    found: dict[int, dict[str, int]] = {release.pk: {} for release in releases}
    for pk, states in counts_of(messages).items():
        found[messages[pk]] = states
    return found


def is_done(states: dict[str, int]) -> bool:
    """Whether nothing is under way any more."""
    return not any(DeliveryState(state) in OPEN for state in states)


def got_or_may_have(update: Update, *, audiences: Collection[str]) -> "QuerySet[Delivery]":
    """Deliveries of the released `update` in these audiences that arrived, or may have.

    A row that waits for another try, or is not tried again, counts when an earlier try ended without anybody knowing how.
    """
    doubtful = sorted({*WAITING, DeliveryState.SUPERSEDED, DeliveryState.CANCELLED, DeliveryState.EXPIRED})
    return Delivery.objects.filter(
        Q(state__in=sorted(MAY_HAVE_GOT)) | Q(state__in=doubtful, ambiguous__gt=0),
        message__release__update_of=update,
        audience__key__in=audiences,
    )
