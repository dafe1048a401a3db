"""Overrides, rulings, holds and ratifications at the same moment as something else, over real connections."""

import sys

import pytest
from django.db import DatabaseError, transaction

from approvals.models import Dispute, Override, Release, Ruling
from approvals.services import claim_due_disputes, claim_ratification_steps, hold_incident, override_release, rule_dispute
from core.errors import Conflict, DomainError, StaleRevision
from incidents.models import Update
from tests.approvals.acts import approved, edit, release, say, state
from tests.approvals.disputing import LATER, decide, dispute, disputed, half_reviewed, overridden, override, rule
from tests.approvals.test_races import without_locks
from tests.support.cast import NOW, Cast
from tests.support.meeting import Person, meet_after

pytestmark = pytest.mark.django_db(transaction=True)
OVERRIDE = sys.modules["approvals.services.override_release"]


def two_overrides(cast: Cast, update: Update) -> list[Exception]:
    actor = cast.actor("override", second_factor=True, now=LATER)
    both = [
        Person(lambda: override_release(actor=actor, now=LATER, update_id=update.pk, revision=1, reason="Nobody answers."))
        for _ in range(2)
    ]
    return [error for person in both if (error := person.done()) is not None]


def test_without_the_lock_two_overrides_pass_the_rules_and_the_database_lets_one_through(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = half_reviewed(cast)
    without_locks(monkeypatch)
    monkeypatch.setattr(OVERRIDE, "lock_incident", lambda update: update.incident)
    meeting = meet_after(monkeypatch, OVERRIDE, "override_facts")
    (error,) = two_overrides(cast, update)
    assert meeting.met
    assert isinstance(error, DatabaseError)
    assert (Release.objects.count(), Override.objects.count()) == (1, 1)


def test_with_the_lock_the_second_of_two_overrides_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    update = half_reviewed(cast)
    meeting = meet_after(monkeypatch, OVERRIDE, "override_facts")
    (error,) = two_overrides(cast, update)
    assert not meeting.met
    assert isinstance(error, Conflict)
    assert (Release.objects.count(), Override.objects.count()) == (1, 1)


def test_an_override_waits_for_the_last_review_and_is_not_needed(cast: Cast) -> None:
    update = half_reviewed(cast)
    with transaction.atomic():
        say(cast, update, "communications", now=LATER)
        holder = Person(lambda: override(cast, update))
        assert holder.is_stuck()
    error = holder.done()
    assert isinstance(error, Conflict)
    assert error.code == "approved"
    assert not Override.objects.exists()


def test_a_ruling_waits_for_an_edit_and_is_out_of_date(cast: Cast) -> None:
    found = disputed(cast)
    arbiter = cast.actor("arbiter", stepped_up=True)
    with transaction.atomic():
        edit(cast, found.update_of, body="Many payments fail. We are on it.")
        ruling = Person(lambda: rule_dispute(actor=arbiter, now=NOW, dispute_id=found.pk, ruling="strike", revision=1, reason="Because."))
        assert ruling.is_stuck()
    assert isinstance(ruling.done(), StaleRevision)
    assert not Ruling.objects.exists()
    assert Dispute.objects.get().state == "open"


def test_an_edit_waits_for_a_ruling_and_is_out_of_date(cast: Cast) -> None:
    found = disputed(cast)
    with transaction.atomic():
        rule(cast, found, "strike")
        # The editor had read revision 1: they number it before they wait.
        author = Person(lambda: edit(cast, found.update_of, body="Other words."))
        assert author.is_stuck()
    assert isinstance(author.done(), StaleRevision)
    assert Ruling.objects.get().revision == Update.objects.get(pk=found.update_of.pk).current


def test_two_rulings_at_once_are_one(cast: Cast) -> None:
    found = disputed(cast)
    both = [Person(lambda kind=kind: rule(cast, found, kind)) for kind in ("uphold", "strike")]  # type: ignore[misc]  # bound early
    errors = [error for person in both if (error := person.done()) is not None]
    assert len(errors) == 1
    assert isinstance(errors[0], DomainError)
    assert Ruling.objects.count() == 1


def test_the_last_approval_waits_for_a_dispute_and_approves_nothing(cast: Cast) -> None:
    update = half_reviewed(cast)
    with transaction.atomic():
        dispute(cast, update)
        reviewer = Person(lambda: say(cast, update, "communications", by="comms2"))
        assert reviewer.is_stuck()
    assert reviewer.done() is None
    assert state(update) == "in_review"


def test_a_dispute_waits_for_the_last_approval_and_comes_too_late(cast: Cast) -> None:
    update = half_reviewed(cast)
    with transaction.atomic():
        say(cast, update, "communications")
        reviewer = Person(lambda: dispute(cast, update, by="comms2"))
        assert reviewer.is_stuck()
    assert isinstance(reviewer.done(), Conflict)
    assert state(update) == "approved"


def test_a_release_waits_for_a_hold_and_is_refused(cast: Cast) -> None:
    update = approved(cast)
    with transaction.atomic():
        hold_incident(actor=cast.actor("commander", stepped_up=True), now=NOW, incident_id=update.incident_id, reason="Wait.")
        releaser = Person(lambda: release(cast, update))
        assert releaser.is_stuck()
    error = releaser.done()
    assert isinstance(error, Conflict)
    assert error.code == "held"
    assert not Release.objects.exists()


def test_an_override_is_ratified_or_refused_and_never_both(cast: Cast) -> None:
    found = overridden(cast)
    both = [
        Person(lambda ratify=ratify: decide(cast, found, ratify=ratify))  # type: ignore[misc]  # bound early
        for ratify in (True, False)
    ]
    errors = [error for person in both if (error := person.done()) is not None]
    assert len(errors) == 1
    assert isinstance(errors[0], Conflict)
    found.refresh_from_db()
    assert (found.state == "refused") == (found.correction is not None)


def test_two_ticks_at_once_tell_a_deadline_once(cast: Cast) -> None:
    found = disputed(cast)
    both = [Person(lambda: claim_due_disputes(now=found.due_at)) for _ in range(2)]
    assert [person.done() for person in both] == [None, None]
    assert sorted(int(str(person.answer)) for person in both) == [0, 1]


def test_two_ticks_at_once_remind_of_a_ratification_once(cast: Cast) -> None:
    found = overridden(cast)
    both = [Person(lambda: claim_ratification_steps(now=found.ratify_by)) for _ in range(2)]
    assert [person.done() for person in both] == [None, None]
    assert sorted(int(str(person.answer)) for person in both) == [0, 1]
