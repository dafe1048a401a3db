"""The report on a drill, from who was called, what was sent and who answered."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from notifications.models import Delivery
from notifications.rules.coverage import Line, Reached, Report, Sent, report
from notifications.rules.states import DeliveryState
from stakeholders.models import Acknowledgement, Audience, ContactPoint, Drill, EscalationCall, EscalationRun, OptOut
from stakeholders.queries import members_of
from stakeholders.rules.escalation import Address, AddressState
from stakeholders.rules.escalation_told import no_address
from stakeholders.rules.kinds import VerificationState

Key = tuple[str, object]


def drill_report(drill: Drill) -> Report:
    """Everybody whom the drill was meant for, with what became of it."""
    if drill.started_at is None:
        return report([])
    if drill.audience is not None:
        return report(_of_audience(drill, drill.audience))
    run = EscalationRun.objects.filter(drill=drill).first()
    return report(_of_run(run) if run is not None else [])


def run_report(run: EscalationRun) -> Report:
    """The same for a run in earnest."""
    return report(_of_run(run))


def _of_run(run: EscalationRun) -> list[Reached]:
    answers = _answers(Acknowledgement.objects.filter(run=run))
    sent = _sent(f"escalation:{run.public_id}:", exclude=f"escalation:{run.public_id}:answered")
    found: dict[Key, Reached] = {}
    calls = EscalationCall.objects.filter(run_step__run=run).select_related("run_step", "stakeholder")
    for call in calls.order_by("run_step__number", "id"):
        key = _key(call.stakeholder_id, call.user_id) or ("name", call.name)
        there = found.get(key)
        # Who was passed over once and told by a later step was told.
        if there is not None and (there.told_at is not None or call.passed_over):
            continue
        by_account = call.stakeholder.user_id if call.stakeholder is not None else None
        found[key] = Reached(
            name=call.name,
            told_at=None if call.passed_over else call.called_at,
            passed_over=call.passed_over,
            sent=() if call.passed_over else tuple(sent.get(key, ()) or sent.get(("user", by_account), ())),
            step=call.run_step.number,
        )
    for key, answer in answers.items():
        there = found.get(key)
        name, step = (there.name, there.step) if there else (answer.name, 0)
        told, sent_to = (there.told_at, there.sent) if there else (None, ())
        found[key] = Reached(name, told, "", sent_to, answer.at, answer.how, step)
    return list(found.values())


def _of_audience(drill: Drill, audience: Audience) -> list[Reached]:
    answers = _answers(Acknowledgement.objects.filter(drill=drill))
    sent = _sent(f"drill:{drill.public_id}")
    names: dict[Key, str] = {
        ("stakeholder", pk): name
        for pk, name in (
            *members_of([audience.key]).values_list("pk", "name"),
            # Whoever left the audience meanwhile was told all the same.
            *Delivery.objects.filter(message__source_key=f"drill:{drill.public_id}").values_list(
                "contact_point__stakeholder", "contact_point__stakeholder__name"
            ),
        )
    }
    missing = _why_not(audience, [pk for kind, pk in names if isinstance(pk, int) and (kind, pk) not in sent])
    found = []
    for key, name in names.items():
        answer = answers.get(key)
        told: datetime | None = drill.started_at if key in sent else None
        found.append(
            Reached(
                name=name,
                told_at=told,
                passed_over=missing.get(key[1], ""),
                sent=tuple(sent.get(key, ())),
                answered_at=answer.at if answer else None,
                how=answer.how if answer else "",
            )
        )
    return found


def _sent(source: str, exclude: str = "") -> dict[Key, list[Sent]]:
    found: dict[Key, list[Sent]] = defaultdict(list)
    rows = Delivery.objects.filter(message__source_key__startswith=source).exclude(message__source_key=exclude)
    fields = ("contact_point__stakeholder", "user", "channel", "state", "reason")
    for stakeholder, user, channel, state, reason in rows.order_by("id").values_list(*fields):
        key = _key(stakeholder, user)
        if key is not None:
            found[key].append(Sent(channel, DeliveryState(state), reason))
    return found


def _answers(rows: Iterable[Acknowledgement]) -> dict[Key, Acknowledgement]:
    return {key: row for row in rows if (key := _key(row.stakeholder_id, row.user_id)) is not None}


def _key(stakeholder: object, user: object) -> Key | None:
    if stakeholder is not None:
        return "stakeholder", stakeholder
    return ("user", user) if user is not None else None


def _why_not(audience: Audience, stakeholders: list[int]) -> dict[object, str]:
    """Why nothing was planned for these members, as their addresses stand now."""
    points: dict[object, list[ContactPoint]] = defaultdict(list)
    opted_out = set(OptOut.objects.filter(audience=audience).values_list("contact_point", flat=True))
    for point in ContactPoint.objects.filter(stakeholder__in=stakeholders, removed_at__isnull=True):
        points[point.stakeholder_id].append(point)
    return {pk: _reason(points[pk], opted_out) for pk in stakeholders}


def _reason(points: list[ContactPoint], opted_out: set[int]) -> str:
    addresses = []
    for point in points:
        if point.suppressed_at is not None:
            addresses.append(Address(point.kind, AddressState.SUPPRESSED))
        elif point.verification == VerificationState.PENDING:
            addresses.append(Address(point.kind, AddressState.PENDING))
        elif point.pk in opted_out:
            return "has opted out of this audience"
        else:
            return f"was not in the audience then, or nothing is set up to send to {point.kind}"
    return no_address(addresses)


def as_json(row: Drill) -> dict[str, object]:
    """The drill, its sums, and each line."""
    found = drill_report(row)
    seconds = found.half.total_seconds() if found.half is not None else None
    return {
        "id": row.public_id,
        "title": row.title,
        "tree": row.tree.key if row.tree else None,
        "audience": row.audience.key if row.audience else None,
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "late": row.told_late,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "counts": {outcome.value: count for outcome, count in found.counts.items()},
        "median_seconds": seconds,
        "lines": [cells(line) for line in found.lines],
    }


def cells(line: Line) -> dict[str, object]:
    """One line as plain values, in the order of the table's columns."""
    return {
        "name": line.name,
        "outcome": line.outcome.value,
        "why": line.why,
        "channels": " ".join(line.channels),
        "step": line.step or "",
        "told_at": line.told_at.isoformat() if line.told_at else "",
        "answered_at": line.answered_at.isoformat() if line.answered_at else "",
        "seconds_to_answer": int(line.took.total_seconds()) if line.took is not None else "",
        "answered_by": line.how,
    }
