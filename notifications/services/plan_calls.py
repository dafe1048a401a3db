"""Escalations and drills become messages: in the transaction that calls people, to every address of theirs that is written to.

Calls in earnest go in lane 0. A drill goes after everything else (lane 3) unless it is critical.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

from accounts.actors import system
from accounts.models import User
from accounts.queries.holders import holders
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from incidents.models import Incident
from incidents.queries.seeing import who_sees
from notifications.models import Message
from notifications.queries.routing import carried_channels
from notifications.rules.drill_words import marked
from notifications.rules.escaping import plain
from notifications.rules.states import Ended, Lane, MessageKind
from notifications.rules.times import readers
from notifications.services.end_message import end_message, leave_unplanned
from notifications.services.expand import plan_first_pieces, write_drill_steps
from notifications.services.plan_notice import plan_notice
from notifications.services.plan_rows import Recipient, insert_deliveries
from stakeholders.models import Acknowledgement, ContactPoint, Drill, EscalationCall, EscalationRun, EscalationRunStep
from stakeholders.queries import REACHABLE

ACTOR = system("notifications")
USEFUL_FOR = timedelta(hours=8)
SHORTEST = timedelta(minutes=10)


def plan_step(*, now: datetime, run_step_id: int) -> Message:
    """Tells those whom a step has called; asked again, returns the message that is there."""
    step = EscalationRunStep.objects.select_related("run__tree", "run__drill", "run__started_by").get(pk=run_step_id)
    run = step.run
    calls = list(step.calls.filter(passed_over="").select_related("stakeholder__user", "user"))
    incident = incident_of(run)
    wording, kind = _step_words(step), MessageKind.NOTICE
    if run.drill is not None:
        wording, kind = marked(wording["title"], wording["body"]), MessageKind.DRILL
    lane = Lane.INTERNAL if run.drill is not None and not run.drill.critical else Lane.FIRST
    return _plan(
        now=now,
        source_key=f"escalation:{run.public_id}:{step.number}",
        kind=kind,
        lane=lane,
        incident=incident,
        wording={"": wording},
        path=f"/console/escalation/runs/{run.public_id}/",
        useful_for=USEFUL_FOR if run.drill is None else run.drill.closes_at - now,
        by_channel=_addresses(_who_may_know(calls, incident), lane),
    )


def _step_words(step: EscalationRunStep) -> dict[str, str]:
    run = step.run
    who = plain(run.started_by.get_full_name()) if run.started_by is not None else "The schedule"
    told = f"{who} calls you in through **{plain(run.tree.name)}**, step {step.number}, since {readers(run.started_at)}."
    if step.number > 1 and run.drill is None:
        told += " Nobody has answered yet."
    if step.told_late:
        told += f" This is late: the step was due {readers(step.due_at)} and nothing watched the clock."
    return {"title": f"{'Late: ' if step.told_late else ''}You are called: {run.title}", "body": f"{plain(run.body)}\n\n{told}".strip()}


def _who_may_know(calls: Sequence[EscalationCall], incident: Incident | None) -> list[EscalationCall]:
    """Of a restricted incident hears only who may see it."""
    if incident is None or not incident.restricted:
        return list(calls)
    users = [user for call in calls if (user := call.user or (call.stakeholder.user if call.stakeholder else None)) is not None]
    seeing = who_sees(users, incident)
    return [call for call in calls if (call.user_id or (call.stakeholder.user_id if call.stakeholder else None)) in seeing]


def incident_of(run: EscalationRun) -> Incident | None:
    """What the run is about, where it is an incident."""
    kind, _, public_id = run.subject.partition(":")
    return Incident.objects.filter(public_id=public_id).first() if kind == "incident" else None


def plan_audience_drill(*, now: datetime, drill_id: int) -> Message:
    """Sends the drill to everybody whom its audience reaches, on every channel that somebody has set up.

    As of a release the first are planned here and the others in pieces. Who is in their quiet hours gets it afterwards, unless it is
    critical.
    """
    drill = Drill.objects.select_related("audience").get(pk=drill_id)
    audience = drill.audience
    if audience is None:
        raise ValueError("This drill goes to a tree.")
    lane = Lane.FIRST if drill.critical else Lane.INTERNAL
    body = plain(drill.body)
    if drill.told_late:
        body += f"\n\nIt comes late: it was planned for {readers(drill.planned_for)}."
    source_key = f"drill:{drill.public_id}"
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message, created = Message.objects.get_or_create(
            source_key=source_key,
            defaults={
                "kind": MessageKind.DRILL,
                "lane": lane,
                "wording": {audience.key: marked(drill.title, body.strip())},
                "facts": {"path": "", "at": now.isoformat(), "answer": True},
                "plan": {"filters": {audience.key: audience.filter}},
                "created_at": now,
                "expires_at": Now() + max(drill.closes_at - now, SHORTEST),
            },
        )
        if created:
            write_drill_steps(message, audience, lane=lane, channels=sorted(carried_channels()))
            planned = plan_first_pieces(message)
            said = {"kind": "drill", "source": source_key, "planned": planned}
            work.record("message.planned", subject=f"message:{message.public_id}", body=said)
        return message


def stop_audience_drill(*, drill_id: int, by: User, reason: str) -> None:
    """Called off: nothing more of it is planned or sent, and what waits for somebody's quiet hours to end neither. Needs a transaction."""
    source_key = f"drill:{Drill.objects.get(pk=drill_id).public_id}"
    message = Message.objects.select_for_update(no_key=True).filter(source_key=source_key).first()
    if message is not None:
        leave_unplanned(message)
        end_message(message, as_=Ended.CANCELLED, reason=reason, by=by)


def plan_answered(*, now: datetime, run_id: int, acknowledgement_id: int) -> Message:
    """Whoever else was called hears that somebody has it."""
    run = EscalationRun.objects.select_related("tree").get(pk=run_id)
    answer = Acknowledgement.objects.get(pk=acknowledgement_id)
    others = ~Q(stakeholder=answer.stakeholder_id) if answer.stakeholder_id else ~Q(user=answer.user_id)
    told = EscalationCall.objects.filter(run_step__run=run, passed_over="").filter(others | Q(stakeholder=None, user=None))
    incident = incident_of(run)
    calls = {(call.stakeholder_id, call.user_id): call for call in told.select_related("stakeholder__user", "user")}
    words = f"**{plain(answer.name)}** has it since {readers(answer.at)}. Nobody more is called; you need do nothing."
    return _plan(
        now=now,
        source_key=f"escalation:{run.public_id}:answered",
        kind=MessageKind.NOTICE,
        lane=Lane.FIRST,
        incident=incident,
        wording={"": {"title": f"Answered: {run.title}", "body": words}},
        path=f"/console/escalation/runs/{run.public_id}/",
        useful_for=USEFUL_FOR,
        by_channel=_addresses(_who_may_know(list(calls.values()), incident), Lane.FIRST),
        answer=False,
    )


def plan_unanswered(*, now: datetime, run_id: int) -> Message:
    """Who began it, the managers and the tree's owners hear that nobody answered."""
    run = EscalationRun.objects.select_related("tree__owner", "started_by").get(pk=run_id)
    owners = Q(team_memberships__team=run.tree.owner) if run.tree.owner is not None else Q(pk__in=[])
    managing = holders(Permission.ESCALATION_TAKE).order_by().values("pk")
    people = User.objects.filter(owners | Q(pk=run.started_by_id) | Q(pk__in=managing), is_active=True).distinct().order_by("username")
    return plan_notice(
        actor=ACTOR,
        now=now,
        source_key=f"escalation:{run.public_id}:unanswered",
        incident=incident_of(run),
        people=people,
        title=f"Nobody has answered: {run.title}",
        body=(
            f"**{plain(run.tree.name)}** has told all its steps since {readers(run.started_at)}, and nobody has answered."
            " It calls nobody more. Take it yourself, or begin another tree."
        ),
        path=f"/console/escalation/runs/{run.public_id}/",
    )


def _addresses(calls: Iterable[EscalationCall], lane: Lane) -> dict[str, list[Recipient]]:
    """Every address of theirs that is written to, by channel; who has none in the register is told where they sign in."""
    listed = list(calls)
    found: dict[str, list[Recipient]] = defaultdict(list)
    in_use = carried_channels()
    theirs = ContactPoint.objects.filter(stakeholder__in=[call.stakeholder_id for call in listed if call.stakeholder_id])
    reachable = theirs.filter(**REACHABLE).order_by("stakeholder", "position", "pk")
    for pk, kind in reachable.values_list("pk", "kind"):
        if kind in in_use:
            found[kind].append(Recipient(pk, None, None, lane))
    # Whose addresses are all suppressed is not written to round about.
    registered = set(theirs.filter(removed_at__isnull=True).values_list("stakeholder", flat=True))
    for call in listed:
        by_account = call.stakeholder.user if call.stakeholder and call.stakeholder_id not in registered else None
        user = call.user if call.stakeholder is None else by_account
        if user is not None and user.email:
            found["email"].append(Recipient(None, user.pk, None, lane))
    return found


def _plan(
    *,
    now: datetime,
    source_key: str,
    kind: MessageKind,
    lane: Lane,
    incident: Incident | None,
    wording: dict[str, dict[str, str]],
    path: str,
    useful_for: timedelta,
    by_channel: dict[str, list[Recipient]],
    answer: bool = True,
) -> Message:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message, created = Message.objects.get_or_create(
            source_key=source_key,
            defaults={
                "kind": kind,
                "lane": lane,
                "incident": incident,
                "wording": wording,
                "facts": {"path": path, "at": now.isoformat(), "answer": answer},
                "created_at": now,
                "expires_at": Now() + max(useful_for, SHORTEST),
                "planned_at": Now(),
            },
        )
        if not created:
            return message
        planned = {
            channel: insert_deliveries(message, recipients, purpose=kind, channel=channel)
            for channel, recipients in sorted(by_channel.items())
            if recipients
        }
        work.record(
            "message.planned",
            subject=f"message:{message.public_id}",
            body={"kind": kind.value, "source": source_key, "planned": sum(planned.values()), "by_channel": planned},
        )
        return message
