"""How an update went out, or why it did not."""

from collections.abc import Iterator

from django.db.models import Q

from approvals.models import HoldingUse, Override, Release, ReleaseHold, ReleaseSchedule
from approvals.rules.override import OverrideState
from approvals.rules.review import named
from approvals.rules.story import Moment, Told
from incidents.models import Update

MODES = {"by_hand": "by hand", "as_soon_as_approved": "as soon as it was approved", "at_time": "at its time"}


def outcome_of(update: Update) -> Iterator[Told]:
    """Plans, holds, the release, an override and its ratification, corrections."""
    for schedule in update.schedules.select_related("revision", "requested_by").order_by("id"):
        yield from _schedule(schedule)
    holds = ReleaseHold.objects.filter(Q(update_of=update) | Q(incident=update.incident_id)).select_related("placed_by", "lifted_by")
    for hold in holds.order_by("id"):
        yield from _hold(hold)
    release = Release.objects.filter(update_of=update).select_related("revision", "released_by").first()
    if release is not None:
        yield _release(release)
    override = Override.objects.filter(update_of=update).select_related("by", "decided_by", "revision").first()
    if override is not None:
        yield from _override(override)
    for correction in update.corrected_by.order_by("id"):
        words = f"A {correction.kind} was started"
        yield Told(correction.created_at, Moment.CORRECTION, correction.created_by, words, detail={"update": correction.public_id})


def _schedule(schedule: ReleaseSchedule) -> Iterator[Told]:
    by, number = f"user:{schedule.requested_by_id}", schedule.revision.number
    due = schedule.due_at.isoformat()
    words = f"Release planned {MODES[schedule.mode]}: {schedule.due_at:%d %b %Y %H:%M} UTC"
    yield Told(schedule.created_at, Moment.SCHEDULE, by, words, revision=number, detail={"due_at": due, "mode": schedule.mode})
    if schedule.closed_at is not None and schedule.state in {"held", "cancelled"}:
        said = "The planned release was held" if schedule.state == "held" else "The planned release was taken back"
        yield Told(schedule.closed_at, Moment.SCHEDULE, "system:schedule", said, schedule.reason, number, {"due_at": due})


def _hold(hold: ReleaseHold) -> Iterator[Told]:
    what = "the incident" if hold.incident_id is not None else "this update"
    detail = {"hold": hold.public_id, "on": "incident" if hold.incident_id is not None else "update"}
    yield Told(hold.placed_at, Moment.HOLD, f"user:{hold.placed_by_id}", f"Release hold on {what}", hold.reason, detail=detail)
    if hold.lifted_at is not None:
        yield Told(hold.lifted_at, Moment.HOLD, f"user:{hold.lifted_by_id}", f"Hold on {what} lifted", hold.lift_reason, detail=detail)


def _release(release: Release) -> Told:
    uses = HoldingUse.objects.filter(revision=release.revision).select_related("version__statement")
    statements = [
        {"statement": use.version.statement.key, "version": use.version.number, "content_hash": use.content_hash, "values": use.values}
        for use in uses
    ]
    how = "from an approved holding statement" if statements else MODES[release.mode]
    return Told(
        at=release.released_at,
        kind=Moment.RELEASE,
        by=f"user:{release.released_by_id}",
        words=f"Released {how}" + (", without every review" if release.overridden else ""),
        revision=release.revision.number,
        detail={
            "release": release.public_id,
            "content_hash": release.content_hash,
            "overridden": release.overridden,
            "holding_statements": statements,
        },
    )


def _override(override: Override) -> Iterator[Told]:
    kinds = ", ".join(named(str(filled["kind"])) for filled in override.fills)
    yield Told(
        at=override.at,
        kind=Moment.OVERRIDE,
        by=f"user:{override.by_id}",
        words=f"Override in place of: {kinds}",
        text=override.reason,
        revision=override.revision.number,
        detail={
            "override": override.public_id,
            "fills": override.fills,
            "fills_legal": override.fills_legal,
            "told": [told["name"] for told in override.told],
            "ratify_by": override.ratify_by.isoformat(),
            "state": override.state,
        },
    )
    if override.decided_at is not None:
        words = "Override ratified" if override.state == OverrideState.RATIFIED else "Ratification refused"
        yield Told(override.decided_at, Moment.RATIFICATION, f"user:{override.decided_by_id}", words, override.decided_reason)
