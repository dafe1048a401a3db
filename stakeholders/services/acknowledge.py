"""Somebody answers: who holds the link in a letter, or the signed-in person."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Forbidden
from core.events import publish
from stakeholders.events import EscalationAnswered
from stakeholders.models import Acknowledgement, ContactPoint, Drill, EscalationRun, Stakeholder
from stakeholders.queries import members_of
from stakeholders.queries.escalation import was_called
from stakeholders.rules.escalation_words import How, RunEnding
from stakeholders.services.escalation_runs import end_run


def acknowledge_by_link(
    *, actor: Actor, now: datetime, thing: EscalationRun | Drill, contact_point: ContactPoint | None, user: User | None
) -> Acknowledgement:
    """Whoever was written to has it. Holding the link is the permission, and whoever checked it calls this as the system.

    Answering again changes nothing.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ESCALATION_TAKE)
        stakeholder = contact_point.stakeholder if contact_point is not None else _entry_of(user)
        return _answer(work, thing, stakeholder, user, how=How.LINK, contact_point=contact_point)


def acknowledge_run(*, actor: Actor, now: datetime, run: EscalationRun) -> Acknowledgement:
    """The signed-in person has it: somebody whom the run called, or who takes what nobody else answers. Raises `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        user = actor.require_person()
        if not was_called(run, actor) and not actor.may(Permission.ESCALATION_TAKE):
            raise Forbidden("Only somebody whom this has called, or a manager, can take it. Ask one of those named to answer.")
        return _answer(work, run, _entry_of(user), user, how=How.PAGE)


def acknowledge_drill(*, actor: Actor, now: datetime, drill: Drill) -> Acknowledgement:
    """The signed-in person has read the drill that went to their audience. Raises `Forbidden` for others."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        user = actor.require_person()
        stakeholder = _entry_of(user)
        mine = members_of([drill.audience.key] if drill.audience is not None else [])
        if stakeholder is None or not mine.filter(pk=stakeholder.pk).exists():
            raise Forbidden("This drill did not go to you: only those whom it was sent to answer it.")
        return _answer(work, drill, stakeholder, user, how=How.PAGE)


def _entry_of(user: User | None) -> Stakeholder | None:
    return Stakeholder.objects.filter(user=user).first() if user is not None else None


def _answer(
    work: UnitOfWork,
    thing: EscalationRun | Drill,
    stakeholder: Stakeholder | None,
    user: User | None,
    *,
    how: How,
    contact_point: ContactPoint | None = None,
) -> Acknowledgement:
    # The row of the run or drill serialises answers with each other and with the clock.
    person: dict[str, Any] = {"stakeholder": stakeholder} if stakeholder is not None else {"user": user}
    about: dict[str, Any]
    if isinstance(thing, EscalationRun):
        run = EscalationRun.objects.select_for_update(no_key=True).get(pk=thing.pk)
        about, name = {"run": run}, f"escalation:{run.public_id}"
    else:
        run, drill = None, Drill.objects.select_for_update(no_key=True).get(pk=thing.pk)
        about, name = {"drill": drill}, f"drill:{drill.public_id}"
    there = Acknowledgement.objects.filter(**about, **person).first()
    if there is not None:
        return there
    who = stakeholder.name if stakeholder is not None else user.get_full_name() if user is not None else ""
    answer = Acknowledgement.objects.create(**about, **person, contact_point=contact_point, name=who[:200], how=how.value, at=work.now)
    work.record("escalation.acknowledged", subject=name, body={"by": _ref(answer), "how": how.value})
    if run is not None and run.ended_at is None and run.drill_id is None:
        end_run(work, run, RunEnding.ACKNOWLEDGED)
        publish(EscalationAnswered(run_id=run.pk, acknowledgement_id=answer.pk, at=work.now))
    return answer


def _ref(answer: Acknowledgement) -> str:
    return f"stakeholder:{answer.stakeholder.public_id}" if answer.stakeholder is not None else f"user:{answer.user_id}"
