"""Follows releases and the visibility of incidents. Only released public wording ever gets here."""

from datetime import datetime, timedelta
from typing import Any

from approvals.models import Release
from approvals.rules.correction import TITLED
from incidents.models import Incident
from incidents.queries.correcting import as_it_stands, first_draft
from incidents.rules.content import Content, Wording
from incidents.rules.correcting import standing
from incidents.rules.visibility import incident_may_show, public_wording
from incidents.rules.words import CORRECTING, Status, UpdateState
from stakeholders.queries import public_audience_key
from statuspage.models import AffectedComponent, KeptBack, PageChange, PublicComponent, PublicIncident, PublicUpdate
from statuspage.queries import incident_records
from statuspage.rules.text import printable


def project_release(*, release_id: int, now: datetime) -> None:
    """Puts the release's public wording into the projection, if it has any and the incident may be shown. Twice is once."""
    release = Release.objects.select_related("update_of__incident", "revision").get(pk=release_id)
    if may_show(release.update_of.incident):
        put(release, public_audience_key(), now)


def withdraw_incident(*, incident_id: int, now: datetime) -> None:
    """Takes the incident off the page with everything said about it. What is not there is no change."""
    code = Incident.objects.values_list("public_id", flat=True).get(pk=incident_id)
    KeptBack.objects.filter(code=code).delete()
    removed, _ = PublicIncident.objects.filter(code=code).delete()
    if removed:
        PageChange.objects.create(at=now)


def stamp(incident: PublicIncident) -> None:
    """Notes what its page is made from: after every change of what was said of it."""
    (record,) = incident_records(PublicIncident.objects.filter(pk=incident.pk))
    codes = ",".join(sorted(record.affected_codes()))
    PublicIncident.objects.filter(pk=incident.pk).update(digest=record.digest(), component_codes=codes)


def may_show(incident: Incident) -> bool:
    """Whether anything of the incident may stand on the page now."""
    decision = incident.decisions.first()
    return incident_may_show(
        restricted=incident.restricted, stage=incident.stage, publishes_watching=decision is not None and decision.publishes_watching
    )


def put(release: Release, public_audience: str | None, now: datetime) -> bool:
    """Puts the release's public wording into the projection; whether it was not there yet. The caller has asked `may_show`."""
    content = release.revision.parsed()
    wording = public_wording(content, public_audience)
    if wording is None:
        _mark(release, None, now)
        return False
    if PublicUpdate.objects.filter(code=release.update_of.public_id).exists():
        return False
    content = as_on_page(release, content)
    incident = say(release, content, wording)
    update = PublicUpdate.objects.create(
        code=release.update_of.public_id,
        incident=incident,
        status=content.status,
        body=printable(wording.body),
        at=release.released_at,
        kind=release.update_of.kind,
        **_put_right_already(release),
    )
    _mark(release, update, now)
    AffectedComponent.objects.bulk_create(_affected(update, content))
    stamp(incident)
    PageChange.objects.create(at=now)
    return True


def _mark(release: Release, shown: PublicUpdate | None, now: datetime) -> None:
    """Marks the words on the page that the release puts right, whether it says anything in public (`shown`) or not."""
    wrong = PublicUpdate.objects.filter(code=release.update_of.corrects.public_id).first() if release.update_of.corrects else None
    if wrong is None or (wrong.put_right_at is not None and wrong.put_right_at > release.released_at):
        # A newer correction has marked it already: this one was kept back until now.
        return
    wrong.put_right_by = shown or wrong.put_right_by
    wrong.put_right_at, wrong.put_right_kind = release.released_at, release.update_of.kind
    wrong.save(update_fields=["put_right_by", "put_right_at", "put_right_kind"])
    if shown is None:
        stamp(wrong.incident)
        PageChange.objects.create(at=now)


def _put_right_already(release: Release) -> dict[str, Any]:
    """The newest correction released of it: wrong words that return later than it are marked from the first moment."""
    newest = release.update_of.corrected_by.filter(state=UpdateState.RELEASED).order_by("-released_at").first()
    if newest is None:
        return {}
    shown = PublicUpdate.objects.filter(code=newest.public_id).first()
    return {"put_right_by": shown, "put_right_at": newest.released_at, "put_right_kind": newest.kind}


def as_on_page(release: Release, content: Content) -> Content:
    """Of a correction what somebody wrote in it; else status, impact and components stay as the page has them."""
    update = release.update_of
    before = PublicIncident.objects.filter(code=update.incident.public_id).first() if update.kind in CORRECTING else None
    if before is None:
        return as_it_stands(update, content, update.incident)
    return standing(
        content,
        first=first_draft(update),
        status=before.status,
        impact=before.impact,
        components=dict(PublicComponent.objects.values_list("code", "status")),
    )


def say(release: Release, content: Content, wording: Wording) -> PublicIncident:
    """The public incident as this release, the newest so far, tells of it; its content is what `as_on_page` makes of it."""
    at = release.released_at
    resolved = content.status == Status.RESOLVED
    promises = content.next_update_minutes is not None and not resolved
    facts: dict[str, Any] = {
        "name": printable(wording.title),
        "status": content.status,
        "impact": content.impact,
        "updated_at": at,
        "resolved_at": at if resolved else None,
        "next_update_due": at + timedelta(minutes=content.next_update_minutes or 0) if promises else None,
    }
    if content.status == Status.MONITORING:
        facts["monitoring_at"] = at
    source = release.update_of.incident
    if release.update_of.kind in CORRECTING:
        facts = _put_right(facts, PublicIncident.objects.filter(code=source.public_id).first(), at)
    incident, _ = PublicIncident.objects.update_or_create(
        code=source.public_id, defaults=facts, create_defaults={**facts, "started_at": source.opened_at, "created_at": at}
    )
    return incident


def _put_right(facts: dict[str, Any], before: PublicIncident | None, at: datetime) -> dict[str, Any]:
    """A correction renames the incident only where its title says something else, and leaves a promise that still runs as it was."""
    name = facts["name"]
    for kind in CORRECTING:
        name = name.removeprefix(f"{TITLED[kind]}: ")
    kept: dict[str, Any] = {"name": name}
    if before is not None and facts["next_update_due"] is None and before.next_update_due and before.next_update_due > at:
        kept["next_update_due"] = before.next_update_due
    if before is not None and before.resolved_at and facts["resolved_at"]:
        kept["resolved_at"] = before.resolved_at
    if before is not None and before.monitoring_at and before.status == facts["status"] == Status.MONITORING:
        kept["monitoring_at"] = before.monitoring_at
    return facts | kept


def _affected(update: PublicUpdate, content: Content) -> list[AffectedComponent]:
    said = {state.id: state.status for state in content.components}
    return [
        AffectedComponent(
            update_of=update,
            component=component,
            # The catalogue may have followed this very release already; then the status before is the old one.
            old_status=component.status_before if component.status_changed_at == update.at else component.status,
            new_status=said[component.code],
        )
        for component in PublicComponent.objects.filter(code__in=said)
    ]
