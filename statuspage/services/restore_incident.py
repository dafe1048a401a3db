"""Brings an incident back to the page: each release is decided again first, as its deliveries are."""

import logging
from collections.abc import Sequence
from datetime import datetime

from accounts.actors import system
from approvals.models import Release
from approvals.queries.sending import standing_of
from audit.services import unit_of_work
from incidents.models import Incident
from incidents.rules.visibility import public_wording
from incidents.services.timeline import note
from stakeholders.queries import public_audience_key
from statuspage.models import KeptBack, PublicIncident, PublicUpdate
from statuspage.rules.pause import LONGEST, pause_after
from statuspage.services.project_incident import as_on_page, may_show, put, say, stamp

ACTOR = system("page")
logger = logging.getLogger(__name__)


def restore_incident(*, incident_id: int, now: datetime) -> None:
    """Shows again what was released about an incident that is no longer restricted, as far as it may go now.

    What a hold, the legal gate or the policy keeps back stays off the page, and so do wrong words whose correction does; the
    rest is looked at again by `restore_kept_back`. The caller holds the incident's lock.
    """
    incident = Incident.objects.get(pk=incident_id)
    public_audience = public_audience_key()
    releases = _public_releases(incident, public_audience)
    kept = _kept_back(releases, now) if may_show(incident) else {release.pk: "The incident may not be shown yet." for release in releases}
    there = PublicUpdate.objects.filter(incident__code=incident.public_id).exists()
    new = [release for release in releases if release.pk not in kept and put(release, public_audience, now)]
    if there and new:
        _tell_in_order(incident, releases, public_audience)
    _remember(incident, kept, now)


def restore_kept_back(*, now: datetime) -> int:
    """The tick: shows what was kept back for a reason that is gone, for instance a hold that was lifted; returns how many incidents.

    Looks only at those that are due: each look in vain makes the next pause longer, and `look_soon` ends it. Safe to run anywhere
    at any time: an incident that somebody is changing is left for the next tick.
    """
    shown = 0
    for code in KeptBack.objects.filter(look_at__lte=now).order_by("look_at", "pk").values_list("code", flat=True):
        try:
            shown += _look_again(code, now)
        except Exception:
            logger.exception("What was kept back of incident %s could not be looked at and is tried again", code)
            KeptBack.objects.filter(code=code).update(look_at=now + LONGEST)
    return shown


def look_soon(*, incident_id: int, now: datetime) -> None:
    """What the incident's release depends on has changed: the next tick looks at what is kept back of it, if anything is."""
    code = Incident.objects.filter(pk=incident_id).values("public_id")
    KeptBack.objects.filter(code__in=code).update(look_at=now, looks=0)


def _look_again(code: str, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now):
        incident = Incident.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(public_id=code).first()
        if incident is None or not KeptBack.objects.filter(code=code, look_at__lte=now).exists():
            return False
        restore_incident(incident_id=incident.pk, now=now)
        return not KeptBack.objects.filter(code=code).exists()


def _public_releases(incident: Incident, public_audience: str | None) -> list[Release]:
    """Everything released in words meant for the page, in the order said."""
    releases = Release.objects.filter(update_of__incident=incident).select_related("update_of__incident", "update_of__corrects", "revision")
    return [
        release
        for release in releases.order_by("released_at", "id")
        if public_wording(release.revision.parsed(), public_audience) is not None
    ]


def _kept_back(releases: Sequence[Release], now: datetime) -> dict[int, str]:
    """Which of them may not be shown, and why, by key. Wrong words never return without what puts them right."""
    reasons = {pk: found.reason for pk, found in standing_of([release.pk for release in releases], now).items() if found.reason}
    by_update = {release.update_of_id: release.pk for release in releases}
    for release in reversed(releases):
        wrong = by_update.get(release.update_of.corrects_id or 0)
        if wrong is not None and release.pk in reasons:
            reasons.setdefault(wrong, reasons[release.pk])
    return reasons


def _tell_in_order(incident: Incident, releases: Sequence[Release], public_audience: str | None) -> None:
    """What was shown later than its turn does not have the last word: the incident's facts are told again in the order released."""
    shown = set(PublicUpdate.objects.filter(incident__code=incident.public_id).values_list("code", flat=True))
    told = [release for release in releases if release.update_of.public_id in shown]
    public = PublicIncident.objects.filter(code=incident.public_id)
    public.update(monitoring_at=None, resolved_at=None, next_update_due=None, created_at=told[0].released_at)
    for release in told:
        content = as_on_page(release, release.revision.parsed())
        if wording := public_wording(content, public_audience):
            say(release, content, wording)
    stamp(public.get())


def _remember(incident: Incident, kept: dict[int, str], now: datetime) -> None:
    """Keeps what is still to be shown in mind, and says so once, in the room."""
    if not kept:
        if KeptBack.objects.filter(code=incident.public_id).delete()[0]:
            note(incident, actor=ACTOR, now=now, kind="release", text="Everything released to the public is on the page again.")
        return
    row, made = KeptBack.objects.get_or_create(code=incident.public_id, defaults={"since": now, "look_at": now})
    row.looks += 1
    row.look_at = now + pause_after(row.looks)
    row.save(update_fields=["looks", "look_at"])
    if made:
        why = " ".join(dict.fromkeys(kept.values()))
        note(incident, actor=ACTOR, now=now, kind="held", text=f"Not shown on the public page again yet. {why}")
