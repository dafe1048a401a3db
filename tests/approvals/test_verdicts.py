"""Verdicts: who, on what, with which proof of identity."""

from datetime import timedelta

import pytest

from accounts.actors import Actor
from accounts.rules.scopes import Scope
from approvals.models import Review
from approvals.queries import last_verdict_of, reviews_of
from approvals.services import give_verdict
from audit.models import Entry
from core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from incidents.models import TimelineEntry, Update
from tests.approvals.acts import approve, ask, draft, edit, number, say, state
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def update(cast: Cast) -> Update:
    asked = draft(cast)
    ask(cast, asked)
    return asked


def approve_as(actor: Actor, update: Update, kind: str = "technical", revision: int = 1, now: object = NOW) -> Review:
    return give_verdict(actor=actor, now=NOW, update_id=update.pk, kind=kind, verdict="approve", revision=revision)


def test_two_people_approve_the_exact_words(cast: Cast, update: Update) -> None:
    first = say(cast, update, "technical")
    assert state(update) == "in_review"
    say(cast, update, "communications")
    assert state(update) == "approved"
    assert update.current is not None
    assert first.content_hash == update.current.content_hash == update.current.parsed().hash()
    types = Entry.objects.filter(subject=f"update:{update.public_id}").values_list("type", flat=True)
    assert list(types).count("review.given") == 2
    assert "update.approved" in types


def test_asking_for_changes_gives_the_draft_back_and_keeps_the_comment(cast: Cast, update: Update) -> None:
    say(cast, update, "technical")
    say(cast, update, "communications", "request_changes", comment="Say “some”, not “all”.")
    assert state(update) == "draft"
    assert TimelineEntry.objects.filter(kind="verdict", text__contains="Say “some”, not “all”.").exists()
    edit(cast, update, body="Some payments fail.")
    ask(cast, update)
    approve(cast, update)
    assert state(update) == "approved"
    assert reviews_of(update).count() == 4


def test_asking_for_changes_needs_words(cast: Cast, update: Update) -> None:
    with pytest.raises(InvalidInput) as refused:
        say(cast, update, "technical", "request_changes", comment="  ")
    assert list(refused.value.fields) == ["comment"]


@pytest.mark.parametrize(
    ("name", "kind", "error"),
    [
        ("outsider", "technical", NotFound),
        ("comms", "technical", Forbidden),
        ("techlead", "communications", Forbidden),
        ("commander", "technical", Forbidden),
        ("admin", "technical", Forbidden),
        ("auditor", "communications", Forbidden),
        ("techlead", "legal", Forbidden),
        ("legal", "legal", InvalidInput),
    ],
)
def test_who_may_not_review(cast: Cast, update: Update, name: str, kind: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        say(cast, update, kind, by=name)
    assert not Review.objects.exists()


def test_a_token_never_gives_a_verdict(cast: Cast, update: Update) -> None:
    with pytest.raises(Forbidden, match="a token is not enough"):
        approve_as(cast.program("techlead", *Scope), update)
    with pytest.raises(Forbidden):
        approve_as(cast.system(), update)


def test_the_password_counts_for_five_minutes(cast: Cast, update: Update) -> None:
    with pytest.raises(StepUpRequired):
        approve_as(cast.actor("techlead"), update)
    with pytest.raises(StepUpRequired):
        approve_as(cast.actor("techlead", stepped_up=True, now=NOW - timedelta(minutes=5, seconds=1)), update)
    assert approve_as(cast.actor("techlead", stepped_up=True, now=NOW - timedelta(minutes=5)), update).verdict == "approve"


def test_nobody_reviews_what_they_ever_wrote_at_even_after_others_rewrote_it(cast: Cast) -> None:
    update = draft(cast)
    edit(cast, update, by="techlead", body="By the technical lead.")
    edit(cast, update, by="commander", body="All new words.")
    ask(cast, update)
    with pytest.raises(Forbidden, match="You wrote at this update"):
        say(cast, update, "technical", by="techlead")
    say(cast, update, "technical", by="techlead2")


def test_one_person_cannot_fill_both_slots(cast: Cast, update: Update) -> None:
    cast.techlead.role_assignments.create(role="comms_reviewer")
    say(cast, update, "technical", by="techlead")
    with pytest.raises(Forbidden, match="has to come from another person"):
        say(cast, update, "communications", by="techlead")


def test_a_slot_is_filled_once(cast: Cast, update: Update) -> None:
    say(cast, update, "technical")
    with pytest.raises(Conflict, match="given already"):
        say(cast, update, "technical", by="techlead2")


def test_a_verdict_on_words_that_changed_is_refused(cast: Cast, update: Update) -> None:
    edit(cast, update)
    ask(cast, update)
    with pytest.raises(StaleRevision):
        approve_as(cast.actor("techlead", stepped_up=True), update, revision=1)
    assert approve_as(cast.actor("techlead", stepped_up=True), update, revision=number(update)).revision.number == 2


def test_the_reviewer_is_shown_what_changed_since_they_approved(cast: Cast, update: Update) -> None:
    first = say(cast, update, "technical").revision
    edit(cast, update)
    ask(cast, update)
    mine = last_verdict_of(cast.techlead, update)
    assert mine is not None
    assert mine.revision == first
    assert last_verdict_of(cast.comms, update) is None
