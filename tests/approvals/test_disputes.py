"""A reviewer disputes a passage; the arbiter upholds, strikes or rewords it; what others approved stands where it can."""

from datetime import timedelta

import pytest

from approvals.events import DisputeOverdue
from approvals.models import CarriedReview, Dispute, Review
from approvals.services import claim_due_disputes, dispute_passage, rule_dispute, withdraw_update
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from incidents.models import Incident, UpdateContributor
from tests.approvals.acts import approved, ask, draft, edit, number, release, say, state, words_of
from tests.approvals.disputing import dispute, disputed, live, rule, withdraw
from tests.approvals.test_carried import edit_reach
from tests.support.cast import NOW, Cast
from tests.support.heard import failing, heard
from tests.support.log import audit_types, logged

pytestmark = pytest.mark.django_db


def test_a_dispute_marks_a_passage_and_the_policy_sets_the_arbiters_time(cast: Cast) -> None:
    found = disputed(cast)
    assert (found.quote, found.start, found.end) == ("We are on it.", 20, 33)
    assert found.due_at - found.at == timedelta(minutes=15)
    assert found.state == "open"
    assert logged("dispute.opened")["passage"]["quote"] == "We are on it."
    assert "dispute.opened" in audit_types(f"update:{found.update_of.public_id}")


def test_words_copied_off_a_page_may_be_broken_otherwise(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    assert dispute(cast, update, quote="Some\n payments  fail.").quote == "Some payments fail."


@pytest.mark.parametrize("quote", ["", "  ", "We are off it.", "a"])
def test_words_that_mark_no_one_passage_are_refused(cast: Cast, quote: str) -> None:
    update = draft(cast)
    ask(cast, update)
    with pytest.raises(InvalidInput) as refusal:
        dispute(cast, update, quote=quote)
    assert list(refusal.value.fields) == ["quote"]


def test_a_dispute_needs_a_reason_and_a_wording_that_there_is(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    with pytest.raises(InvalidInput) as refusal:
        dispute(cast, update, reason=" ")
    assert list(refusal.value.fields) == ["reason"]
    with pytest.raises(InvalidInput) as refusal:
        dispute(cast, update, audience="nobody")
    assert list(refusal.value.fields) == ["audience"]


def test_only_who_could_give_the_review_disputes(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    for name in ("outsider", "auditor", "commander", "techlead", "legal", "arbiter"):
        with pytest.raises((Forbidden, NotFound)):
            dispute(cast, update, by=name)
    say(cast, update, "communications")
    with pytest.raises(Conflict):
        dispute(cast, update, by="comms2")


def test_a_dispute_needs_a_fresh_password(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    with pytest.raises(StepUpRequired):
        dispute_passage(
            actor=cast.actor("comms"),
            now=NOW,
            update_id=update.pk,
            kind="communications",
            revision=1,
            audience="customers",
            language="en",
            field="body",
            quote="We are on it.",
            reason="Nobody is on it yet.",
        )


def test_others_go_on_but_nothing_is_approved_before_the_ruling(cast: Cast) -> None:
    found = disputed(cast)
    say(cast, found.update_of, "communications", by="comms2")
    assert state(found.update_of) == "in_review"
    rule(cast, found, "uphold")
    assert state(found.update_of) == "approved"
    release(cast, found.update_of)


def test_upheld_the_text_stays_and_the_review_is_still_to_be_given(cast: Cast) -> None:
    found = disputed(cast)
    ruling = rule(cast, found, "uphold")
    found.refresh_from_db()
    assert (found.state, ruling.revision, ruling.late) == ("upheld", None, False)
    assert words_of(found.update_of).body == "Some payments fail. We are on it."
    assert state(found.update_of) == "in_review"
    say(cast, found.update_of, "communications")
    assert state(found.update_of) == "approved"


def test_struck_the_passage_goes_and_every_verdict_is_carried_over(cast: Cast) -> None:
    found = disputed(cast)
    given = Review.objects.get()
    ruling = rule(cast, found, "strike")
    update = found.update_of
    assert words_of(update).body == "Some payments fail."
    assert ruling.revision is not None
    assert ruling.revision.number == 2
    carried = CarriedReview.objects.get()
    assert (carried.review, carried.because, carried.to_revision) == (given, "struck", ruling.revision)
    assert live(update).revision == ruling.revision
    assert state(update) == "in_review"
    say(cast, update, "communications")
    assert state(update) == "approved"
    assert release(cast, update).revision == ruling.revision


def test_an_edit_of_reach_after_a_strike_keeps_the_technical_review(cast: Cast) -> None:
    """It stands for the words without the passage, and those are the same."""
    found = disputed(cast)
    given = Review.objects.get()
    rule(cast, found, "strike")
    update = found.update_of
    edit_reach(cast, update)
    kept = ask(cast, update).carried_reviews.get()
    assert (kept.review, kept.because, kept.from_revision.number, kept.to_revision.number) == (given, "reach", 1, 3)
    say(cast, update, "communications")
    assert state(update) == "approved"
    assert release(cast, update).revision.number == 3


def test_an_edit_of_words_after_a_strike_asks_technical_again(cast: Cast) -> None:
    found = disputed(cast)
    rule(cast, found, "strike")
    edit(cast, found.update_of, body="Many payments fail.")
    assert not ask(cast, found.update_of).carried_reviews.exists()


def test_a_verdict_is_carried_over_a_second_passage_struck_by_the_same_arbiter(cast: Cast) -> None:
    first = disputed(cast)
    second = dispute(cast, first.update_of, quote="5xx above 5%", audience="internal")
    rule(cast, first, "strike")
    second.refresh_from_db()
    assert second.state == "open"
    rule(cast, second, "strike")
    assert words_of(first.update_of, "internal").body == "since the last deploy."
    assert CarriedReview.objects.filter(because="struck").count() == 2
    say(cast, first.update_of, "communications")
    assert state(first.update_of) == "approved"


def test_reworded_is_an_edit_and_everyone_is_asked_again(cast: Cast) -> None:
    found = disputed(cast)
    rule(cast, found, "reword", words="Our engineers look into it.")
    update = found.update_of
    assert words_of(update).body == "Some payments fail. Our engineers look into it."
    assert not CarriedReview.objects.exists()
    assert (state(update), live(update).reviews.count()) == ("in_review", 0)
    assert UpdateContributor.objects.filter(update_of=update, user=cast.arbiter).exists()
    with pytest.raises(Forbidden):
        say(cast, update, "technical", by="arbiter")


def test_an_arbiter_does_not_rule_on_their_own_rewording(cast: Cast) -> None:
    found = disputed(cast)
    rule(cast, found, "reword", words="Our engineers look into it.")
    again = dispute(cast, found.update_of, quote="Our engineers")
    with pytest.raises(Forbidden):
        rule(cast, again, "uphold")


def test_who_disputed_wrote_or_reviewed_does_not_rule(cast: Cast) -> None:
    found = disputed(cast)
    for name in ("outsider", "comms", "commander", "techlead", "admin", "legal"):
        with pytest.raises((Forbidden, NotFound)):
            rule(cast, found, "uphold", by=name)


def test_a_ruling_is_given_once_on_the_words_that_were_read(cast: Cast) -> None:
    found = disputed(cast)
    with pytest.raises(InvalidInput):
        rule(cast, found, "perhaps")
    with pytest.raises(InvalidInput):
        rule(cast, found, "uphold", reason=" ")
    with pytest.raises(InvalidInput):
        rule(cast, found, "reword", words="We are on it.")
    rule(cast, found, "uphold")
    with pytest.raises(Conflict):
        rule(cast, found, "strike")


def test_a_ruling_on_older_words_is_out_of_date(cast: Cast) -> None:
    found = disputed(cast)
    edit(cast, found.update_of, body="Some payments fail. We are on it. Sorry.")
    with pytest.raises(StaleRevision):
        rule_dispute(
            actor=cast.actor("arbiter", stepped_up=True), now=NOW, dispute_id=found.pk, ruling="strike", revision=1, reason="Because."
        )


def test_striking_everything_is_refused(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    found = dispute(cast, update, quote="Checkout is failing", field="title")
    with pytest.raises(InvalidInput) as refusal:
        rule(cast, found, "strike")
    assert list(refusal.value.fields) == ["ruling"]


def test_taking_the_passage_out_lets_the_rest_go_ahead(cast: Cast) -> None:
    found = disputed(cast)
    edit(cast, found.update_of, body="Some payments fail.")
    found.refresh_from_db()
    assert found.state == "overtaken"
    ask(cast, found.update_of)
    say(cast, found.update_of, "technical")
    say(cast, found.update_of, "communications")
    assert state(found.update_of) == "approved"


def test_a_dispute_is_not_shaken_off_by_changing_something_else(cast: Cast) -> None:
    found = disputed(cast)
    edit(cast, found.update_of, body="Many payments fail, sorry. We are on it.")
    found.refresh_from_db()
    assert found.state == "open"
    ask(cast, found.update_of)
    say(cast, found.update_of, "technical")
    say(cast, found.update_of, "communications", by="comms2")
    assert state(found.update_of) == "in_review"
    rule(cast, found, "strike")
    assert words_of(found.update_of).body == "Many payments fail, sorry."
    assert state(found.update_of) == "approved"


def test_withdrawn_by_who_disputed_alone(cast: Cast) -> None:
    found = disputed(cast)
    with pytest.raises(Forbidden):
        withdraw(cast, found, by="comms2")
    withdraw(cast, found)
    say(cast, found.update_of, "communications")
    assert state(found.update_of) == "approved"
    with pytest.raises(Conflict):
        withdraw(cast, found)


def test_withdrawing_the_update_ends_its_disputes(cast: Cast) -> None:
    found = disputed(cast)
    withdraw_update(actor=cast.actor("commander"), now=NOW, update_id=found.update_of.pk)
    found.refresh_from_db()
    assert found.state == "overtaken"


def test_the_same_words_are_disputed_once_at_a_time(cast: Cast) -> None:
    found = disputed(cast)
    with pytest.raises(Conflict):
        dispute(cast, found.update_of, by="comms2")


def test_an_approved_update_is_not_disputed(cast: Cast) -> None:
    with pytest.raises(Conflict):
        dispute(cast, approved(cast), by="comms2")


def test_the_deadline_is_told_once_and_late_when_nothing_watched_it(cast: Cast) -> None:
    found = disputed(cast)
    assert claim_due_disputes(now=found.due_at - timedelta(seconds=1)) == 0
    with heard(DisputeOverdue) as events:
        assert claim_due_disputes(now=found.due_at + timedelta(hours=2)) == 1
        assert claim_due_disputes(now=found.due_at + timedelta(hours=3)) == 0
    assert [(event.dispute_id, event.late) for event in events] == [(found.pk, True)]
    ruling = rule(cast, Dispute.objects.get(), "uphold", now=found.due_at + timedelta(hours=3))
    assert ruling.late


def test_one_broken_deadline_keeps_no_other_quiet(cast: Cast) -> None:
    broken, well = disputed(cast), disputed(cast)
    with failing(DisputeOverdue, where=lambda event: event.dispute_id == broken.pk):
        assert claim_due_disputes(now=well.due_at) == 1
    assert list(Dispute.objects.filter(overdue_told_at__isnull=False)) == [well]
    assert claim_due_disputes(now=well.due_at) == 1


def test_the_deadline_of_a_settled_dispute_is_not_told(cast: Cast) -> None:
    found = disputed(cast)
    rule(cast, found, "uphold")
    assert claim_due_disputes(now=found.due_at) == 0


def test_a_restricted_incidents_dispute_does_not_exist_for_others(cast: Cast) -> None:
    found = disputed(cast)
    Incident.objects.update(restricted=True)
    with pytest.raises(NotFound):
        rule(cast, found, "uphold")
    assert number(found.update_of) == 1
