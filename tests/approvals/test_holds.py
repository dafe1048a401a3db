"""A hold keeps releases back, on one update or on everything of an incident, until somebody lifts it with a reason."""

from datetime import timedelta

import pytest

from approvals.events import HoldLifted, HoldPlaced
from approvals.models import ReleaseHold, ReleaseSchedule
from approvals.queries.gate import release_blockers
from approvals.queries.holds import held_releases
from approvals.services import hold_incident, hold_update, lift_hold, run_due_schedules, withdraw_update
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpRequired
from incidents.models import Incident, Update
from tests.approvals.acts import SOON, approved, draft, release, schedule, state
from tests.support.cast import NOW, Cast
from tests.support.heard import heard
from tests.support.log import logged

pytestmark = pytest.mark.django_db


def hold(cast: Cast, update: Update, by: str = "commander", *, whole: bool = False, reason: str = "Legal looks at it.") -> ReleaseHold:
    actor = cast.actor(by, stepped_up=True)
    if whole:
        return hold_incident(actor=actor, now=NOW, incident_id=update.incident_id, reason=reason)
    return hold_update(actor=actor, now=NOW, update_id=update.pk, reason=reason)


def lift(cast: Cast, found: ReleaseHold, by: str = "legal", reason: str = "It is fine.") -> ReleaseHold:
    return lift_hold(actor=cast.actor(by, stepped_up=True), now=NOW, hold_id=found.public_id, reason=reason)


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_held_does_not_go_until_it_is_lifted(cast: Cast, whole: bool) -> None:
    update = approved(cast)
    with heard(HoldPlaced) as placed:
        found = hold(cast, update, whole=whole)
    assert [(event.incident_id, event.update_id) for event in placed] == [(update.incident_id, None if whole else update.pk)]
    with pytest.raises(Conflict) as refusal:
        release(cast, update)
    assert refusal.value.code == "held"
    assert "Legal looks at it" in release_blockers(Update.objects.get(pk=update.pk), NOW)[0]
    with heard(HoldLifted) as lifted:
        lift(cast, found)
    assert len(lifted) == 1
    assert logged("hold.lifted")["reason"] == "It is fine."
    release(cast, update)
    assert state(update) == "released"


def test_what_was_planned_is_held_for_a_person(cast: Cast) -> None:
    update = approved(cast)
    schedule(cast, update)
    hold(cast, update, whole=True)
    assert run_due_schedules(now=SOON) == 0
    plan = ReleaseSchedule.objects.get()
    assert (plan.state, state(update)) == ("held", "approved")
    assert "Legal looks at it" in plan.reason


def test_deliveries_ask_for_many_releases_at_once(cast: Cast) -> None:
    first, second, third = (release(cast, approved(cast)) for _ in range(3))
    hold(cast, first.update_of)
    hold(cast, second.update_of, whole=True)
    found = held_releases([first.pk, second.pk, third.pk])
    assert found == {
        first.pk: "This update is held back: Legal looks at it.",
        second.pk: "Everything of this incident is held back: Legal looks at it.",
    }


def test_it_is_held_once_and_lifted_once(cast: Cast) -> None:
    update = draft(cast)
    found = hold(cast, update)
    with pytest.raises(Conflict):
        hold(cast, update)
    hold(cast, update, whole=True)
    lift(cast, found)
    with pytest.raises(Conflict):
        lift(cast, found)
    hold(cast, update)


def test_both_need_a_reason_and_a_fresh_password(cast: Cast) -> None:
    update = draft(cast)
    with pytest.raises(InvalidInput):
        hold(cast, update, reason=" ")
    with pytest.raises(StepUpRequired):
        hold_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk, reason="Wait.")
    found = hold(cast, update)
    with pytest.raises(InvalidInput):
        lift(cast, found, reason="")
    with pytest.raises(StepUpRequired):
        lift_hold(
            actor=cast.actor("legal", stepped_up=True, now=NOW - timedelta(minutes=6)), now=NOW, hold_id=found.public_id, reason="Go."
        )


def test_who_may_not_hold_does_not(cast: Cast) -> None:
    update = draft(cast)
    for name in ("outsider", "techlead", "responder", "auditor"):
        with pytest.raises((Forbidden, NotFound)):
            hold(cast, update, by=name)
    found = hold(cast, update)
    for name in ("outsider", "techlead"):
        with pytest.raises((Forbidden, NotFound)):
            lift(cast, found, by=name)


def test_a_restricted_incident_cannot_be_held_by_who_does_not_see_it(cast: Cast) -> None:
    update = draft(cast)
    found = hold(cast, update)
    Incident.objects.update(restricted=True)
    with pytest.raises(NotFound):
        hold(cast, update, by="legal", whole=True)
    with pytest.raises(NotFound):
        lift(cast, found)


def test_a_withdrawn_update_needs_no_hold(cast: Cast) -> None:
    update = draft(cast)
    withdraw_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk)
    with pytest.raises(Conflict):
        hold(cast, update)
