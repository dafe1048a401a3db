"""Planning drills and calling them off; their beginning and end come by the clock."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput
from core.events import publish
from stakeholders.events import AudienceDrillCalledOff, AudienceDrillStarted
from stakeholders.models import Audience, Drill, EscalationTree
from stakeholders.queries.audiences import may_drill
from stakeholders.rules.escalation_words import LATE_AFTER_SECONDS, RunEnding
from stakeholders.services.escalation_runs import check_words, end_run, start_run_of_drill

FURTHEST = timedelta(days=400)
LONGEST_COLLECTING = 14 * 24 * 60


def plan_drill(
    *,
    actor: Actor,
    now: datetime,
    title: str,
    body: str = "",
    tree: EscalationTree | None = None,
    audience: Audience | None = None,
    planned_for: datetime | None = None,
    collect_minutes: int = 24 * 60,
    critical: bool = False,
) -> Drill:
    """A drill to a tree or an audience, at a time or, without one, at once. Answers count for `collect_minutes`.

    To people outside it takes a team that owns their audience or stands in for it, as a release does, or the permission to send drills
    to any, and the password typed within the last five minutes: real messages go to them. Raises `Forbidden`, `InvalidInput` naming
    the fields, `Conflict`, `StepUpRequired`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.DRILL_RUN)
        user = actor.require_person()
        check_words(title, body)
        _check(now, tree, audience, planned_for, collect_minutes)
        if audience is not None and not audience.is_internal:
            if not may_drill(actor, audience):
                raise Forbidden(
                    f"“{audience.name}” are people outside: only a team that owns this audience or stands in for it sends them a drill."
                )
            actor.require_step_up(now)
        begins = planned_for or now
        drill = Drill.objects.create(
            tree=tree,
            audience=audience,
            title=title.strip(),
            body=body.strip(),
            critical=critical,
            planned_for=begins,
            closes_at=begins + timedelta(minutes=collect_minutes),
            planned_by=user,
            planned_at=now,
        )
        work.record(
            "drill.planned",
            subject=f"drill:{drill.public_id}",
            body={
                "tree": tree.key if tree else "",
                "audience": audience.key if audience else "",
                "planned_for": begins.isoformat(),
                "critical": critical,
            },
        )
        if planned_for is None:
            begin(work, actor, drill)
        return drill


def _check(
    now: datetime, tree: EscalationTree | None, audience: Audience | None, planned_for: datetime | None, collect_minutes: int
) -> None:
    fields: dict[str, list[str]] = {}
    if (tree is None) == (audience is None):
        fields["to"] = ["Choose one tree or one audience."]
    if tree is not None and tree.retired_at is not None:
        fields["to"] = [f"“{tree.name}” is retired: choose another tree."]
    if planned_for is not None and not now < planned_for <= now + FURTHEST:
        fields["planned_for"] = ["Choose a time that is still to come, at most 400 days ahead, or send the drill now."]
    if not 10 <= collect_minutes <= LONGEST_COLLECTING:
        fields["collect_minutes"] = ["Collect answers for ten minutes to 14 days."]
    if fields:
        raise InvalidInput("Correct the fields named and send again.", fields=fields)


def cancel_drill(*, actor: Actor, now: datetime, drill: Drill, reason: str) -> Drill:
    """Calls a drill off: one that is planned never begins, one that runs calls nobody more. Raises `InvalidInput`, `Conflict`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.DRILL_RUN)
        user = actor.require_person()
        reason = reason.strip()[:200]
        if not reason:
            message = "Say why the drill is called off."
            raise InvalidInput(message, fields={"reason": [message]})
        locked = Drill.objects.select_for_update(no_key=True, of=("self",)).get(pk=drill.pk)
        if locked.cancelled_at is not None or locked.closed_at is not None:
            raise Conflict("This drill is over already.", code="drill_over")
        call_off(work, locked, reason)
        if locked.audience_id is not None and locked.started_at is not None:
            publish(AudienceDrillCalledOff(drill_id=locked.pk, user_id=user.pk, reason=reason, at=now))
        return locked


def call_off(work: UnitOfWork, drill: Drill, reason: str) -> None:
    """Cancels a drill whose row is locked."""
    drill.cancelled_at, drill.cancel_reason = work.now, reason
    drill.save(update_fields=["cancelled_at", "cancel_reason"])
    begun = drill.started_at is not None
    work.record("drill.cancelled", subject=f"drill:{drill.public_id}", body={"reason": reason, "had_begun": begun})
    _end_its_run(work, drill, reason)


def begin(work: UnitOfWork, actor: Actor, drill: Drill) -> None:
    """Sends a drill whose row is locked or new. After an outage it begins late, labelled so, and collects as long as it would have."""
    delay = work.now - drill.planned_for
    drill.started_at = work.now
    drill.told_late = delay > timedelta(seconds=LATE_AFTER_SECONDS)
    drill.closes_at += max(delay, timedelta())
    drill.save(update_fields=["started_at", "told_late", "closes_at"])
    work.record("drill.started", subject=f"drill:{drill.public_id}", body={"late": drill.told_late})
    if drill.tree is not None:
        start_run_of_drill(actor=actor, now=work.now, drill=drill)
    else:
        publish(AudienceDrillStarted(drill_id=drill.pk, at=work.now))


def close(work: UnitOfWork, drill: Drill) -> None:
    """Ends the collecting of a drill whose row is locked."""
    drill.closed_at = work.now
    drill.save(update_fields=["closed_at"])
    answers = drill.acknowledgements.count() if drill.tree_id is None else _answers_of_run(drill)
    work.record("drill.closed", subject=f"drill:{drill.public_id}", body={"answers": answers})
    _end_its_run(work, drill, "")


def _answers_of_run(drill: Drill) -> int:
    run = getattr(drill, "run", None)
    return run.acknowledgements.count() if run is not None else 0


def _end_its_run(work: UnitOfWork, drill: Drill, reason: str) -> None:
    run = getattr(drill, "run", None)
    if run is not None and run.ended_at is None:
        run.stop_reason = reason
        end_run(work, run, RunEnding.STOPPED if reason else RunEnding.WALKED)
