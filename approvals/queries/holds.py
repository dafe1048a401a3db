"""Release holds in force: at the gate for one update, at claim for many releases at once."""

from collections.abc import Collection, Iterable

from django.db.models import F, Q, QuerySet

from accounts.actors import Actor
from approvals.models import Release, ReleaseHold
from approvals.rules.hold import HoldFacts, held_back
from core.errors import NotFound
from incidents.models import Incident, Update


def holds_visible_to(actor: Actor) -> QuerySet[ReleaseHold]:
    """Every hold, lifted ones too, on incidents the actor may see; newest first."""
    visible = Incident.objects.visible_to(actor)
    return ReleaseHold.objects.filter(Q(incident__in=visible) | Q(update_of__incident__in=visible)).select_related(
        "incident", "update_of__incident", "placed_by", "lifted_by"
    )


def visible_hold(actor: Actor, public_id: str) -> ReleaseHold:
    """The hold; raises `NotFound` for a missing and for a hidden one alike."""
    found = holds_visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def holds_on_update(update: Update) -> list[ReleaseHold]:
    """The holds in force that stop this update: on itself, and on its incident."""
    stops = Q(update_of=update) | Q(incident=update.incident_id)
    return list(ReleaseHold.objects.filter(stops, lifted_at__isnull=True).select_related("placed_by", "incident").order_by("id"))


def hold_facts(update: Update) -> tuple[HoldFacts, ...]:
    """The same as the gate reads them."""
    return _as_facts(holds_on_update(update))


def incident_hold_facts(incident: Incident) -> tuple[HoldFacts, ...]:
    """The holds in force on the incident as a whole, as the gate reads them for words that are no update yet."""
    return _as_facts(ReleaseHold.objects.filter(incident=incident, lifted_at__isnull=True).select_related("placed_by").order_by("id"))


def _as_facts(holds: Iterable[ReleaseHold]) -> tuple[HoldFacts, ...]:
    return tuple(
        HoldFacts(
            whole_incident=hold.incident_id is not None,
            placed_by=hold.placed_by.get_full_name(),
            placed_at=hold.placed_at,
            reason=hold.reason,
        )
        for hold in holds
    )


def held_releases(release_ids: Collection[int]) -> dict[int, str]:
    """Of these releases, those whose deliveries may not be sent now, each with a sentence that gives the hold's reason. Two statements."""
    releases = Release.objects.filter(pk__in=release_ids)
    held = ReleaseHold.objects.filter(lifted_at__isnull=True)
    by_update = held.filter(update_of__release__in=releases).values_list("update_of__release", "reason")
    by_incident = held.filter(incident__updates__release__in=releases).values_list(F("incident__updates__release"), "reason")
    return {
        release: held_back(whole_incident=whole, reason=reason)
        for whole, rows in ((True, by_incident), (False, by_update))
        for release, reason in rows
        if release in set(release_ids)
    }
