"""Asking for review."""

from datetime import timedelta

import pytest

from accounts.rules.scopes import Scope
from approvals.models import ReviewRound
from approvals.queries import review_queue
from approvals.services import request_review
from audit.models import Entry
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from incidents.models import TimelineEntry, UpdateContributor
from incidents.rules.content import ScheduleMode
from incidents.services import change_incident
from tests.approvals.acts import approve, ask, draft, edit, say, state
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update

pytestmark = pytest.mark.django_db


def test_a_round_asks_for_what_the_policy_decided_and_freezes_it(cast: Cast) -> None:
    update = draft(cast)
    review_round = ask(cast, update)
    decision = update.incident.decisions.all()[0]
    assert state(update) == "in_review"
    assert review_round.policy_version == decision.policy_version
    assert [review["kind"] for review in decision.reviews] == ["technical", "communications"]
    assert list(review_round.slots.values_list("kind", "due_at")) == [
        (review["kind"], NOW + timedelta(minutes=review["window_minutes"])) for review in decision.reviews
    ]
    entry = Entry.objects.get(type="review.requested")
    assert (entry.subject, entry.policy_version) == (f"update:{update.public_id}", decision.policy_version)
    assert TimelineEntry.objects.filter(incident=update.incident, kind="review").exists()


def test_whoever_asks_counts_as_a_contributor(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update, by="techlead")
    assert UpdateContributor.objects.filter(update_of=update, user=cast.techlead).exists()
    with pytest.raises(Forbidden, match="somebody else has to review"):
        say(cast, update, "technical", by="techlead")


def test_a_token_may_ask(cast: Cast) -> None:
    update = draft(cast)
    program = cast.program("commander", Scope.UPDATES_WRITE)
    assert request_review(actor=program, now=NOW, update_id=update.pk, revision=1).requested_by == cast.commander
    reader = cast.program("commander", Scope.READ)
    with pytest.raises(Forbidden, match="may not write updates"):
        request_review(actor=reader, now=NOW, update_id=draft(cast).pk, revision=1)


def test_an_unfilled_placeholder_is_refused_and_named(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    words = {"audience": "customers", "title": "Trouble with [[fill in: component_names]]", "body": "We are on it."}
    update = make_update(incident=incident, variants=[words])  # type: ignore[list-item]  # a plain dict of the same shape
    with pytest.raises(InvalidInput) as refused:
        ask(cast, update)
    assert "names of the affected components" in refused.value.fields["variants.customers.title"][0]
    assert state(update) == "draft"


def test_only_a_draft_can_be_put_forward_and_only_its_newest_revision(cast: Cast) -> None:
    update = draft(cast)
    edit(cast, update)
    with pytest.raises(StaleRevision):
        request_review(actor=cast.actor("commander"), now=NOW, update_id=update.pk, revision=1)
    ask(cast, update)
    with pytest.raises(Conflict, match="in review"):
        ask(cast, update)


@pytest.mark.parametrize("name", ["outsider", "auditor", "legal"])
def test_who_may_not_ask(cast: Cast, name: str) -> None:
    update = draft(cast)
    with pytest.raises(NotFound if name == "outsider" else Forbidden):
        ask(cast, update, by=name)
    assert not ReviewRound.objects.exists()


def test_a_restricted_incident_is_not_there_for_those_not_granted(cast: Cast) -> None:
    update = draft(cast, restricted=True)
    with pytest.raises(NotFound):
        ask(cast, update, by="techlead")


def test_only_who_may_release_lets_an_update_go_by_itself(cast: Cast) -> None:
    update = draft(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    with pytest.raises(Forbidden, match="Choose release by hand"):
        ask(cast, update, by="responder")
    ask(cast, update, by="commander")


@pytest.mark.parametrize("mode", [ScheduleMode.AS_SOON_AS_APPROVED, ScheduleMode.AT_TIME])
def test_what_goes_by_itself_is_asked_for_by_a_person_who_proved_who_they_are(cast: Cast, mode: ScheduleMode) -> None:
    update = draft(cast, mode=mode)
    with pytest.raises(StepUpRequired):
        request_review(actor=cast.actor("commander"), now=NOW, update_id=update.pk, revision=1)
    with pytest.raises(Forbidden, match="A token cannot let an update go by itself"):
        request_review(actor=cast.program("commander", *Scope), now=NOW, update_id=update.pk, revision=1)
    with pytest.raises(NotFound):
        ask(cast, update, by="outsider")
    assert (state(update), ReviewRound.objects.count()) == ("draft", 0)


def test_an_edit_voids_the_round_and_makes_a_draft_again(cast: Cast) -> None:
    update = draft(cast)
    review_round = ask(cast, update)
    approve(cast, update)
    edit(cast, update)
    review_round.refresh_from_db()
    assert (review_round.state, state(update)) == ("voided", "draft")
    assert Entry.objects.filter(type="review.voided").exists()
    assert ask(cast, update).pk != review_round.pk


def test_the_queue_shows_what_waits_and_who_may_answer(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    mine = {item.slot.kind: item.is_for_me for item in review_queue(cast.actor("techlead"), NOW)}
    assert mine == {"technical": True, "communications": False}
    assert [item.is_for_me for item in review_queue(cast.actor("commander"), NOW)] == [False, False]
    assert review_queue(cast.actor("outsider"), NOW) == []
    assert [item.overdue for item in review_queue(cast.actor("techlead"), NOW + timedelta(minutes=31))] == [True, True]
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, restricted=True)
    assert review_queue(cast.actor("techlead"), NOW) == []
