"""An edit of reach keeps the technical review; the kept verdict names both revisions, and the database compares them."""

import pytest

from approvals.models import CarriedReview, Release, ReviewRound
from incidents.models import Update
from incidents.rules.content import Content, ScheduleMode
from incidents.rules.content_edit import ContentEdit, Schedule
from incidents.services import revise_update
from tests.approvals.acts import SOON, approved, ask, draft, edit, number, release, say, state
from tests.approvals.test_constraints import Refusal, force, release_row, review_row, sql
from tests.support.cast import NOW, Cast
from tests.support.log import logged

pytestmark = pytest.mark.django_db


def revise(cast: Cast, update: Update, change: ContentEdit, by: str = "commander") -> None:
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    content: Content = change.apply(current.parsed())
    revise_update(actor=cast.actor(by), now=NOW, update_id=update.pk, base_revision=current.number, content=content)


def edit_reach(cast: Cast, update: Update, by: str = "commander") -> None:
    revise(cast, update, ContentEdit(channels=("email",)), by=by)


def carried_row(round_: ReviewRound, kind: str, before: ReviewRound, **other: object) -> CarriedReview:
    """Inserted past every service."""
    review = before.reviews.get(slot__kind=kind)
    row = {
        "round": round_,
        "slot": round_.slots.get(kind=kind),
        "review": review,
        "from_revision": review.revision,
        "from_hash": review.content_hash,
        "to_revision": round_.revision,
        "to_hash": round_.revision.content_hash,
        "because": "reach",
        "at": NOW,
    }
    return CarriedReview.objects.create(**row | other)


def test_an_edit_of_reach_keeps_the_technical_review_and_asks_for_the_other_again(cast: Cast) -> None:
    update = approved(cast)
    edit_reach(cast, update)
    assert state(update) == "draft"
    round_ = ask(cast, update)
    (kept,) = round_.carried_reviews.all()
    assert (kept.slot.kind, kept.because) == ("technical", "reach")
    assert (kept.from_revision.number, kept.to_revision.number) == (1, 2)
    assert logged("review.carried")["from_revision"] == 1
    assert not kept.slot.calls.exists()
    say(cast, update, "communications")
    assert state(update) == "approved"
    assert release(cast, update).revision.number == 2


def test_changing_the_time_is_an_edit_of_reach(cast: Cast) -> None:
    update = approved(cast)
    revise(cast, update, ContentEdit(schedule=Schedule(ScheduleMode.AT_TIME, SOON)))
    assert [row.slot.kind for row in ask(cast, update).carried_reviews.all()] == ["technical"]


def test_an_edit_of_wording_keeps_nothing(cast: Cast) -> None:
    update = approved(cast)
    edit(cast, update)
    assert not ask(cast, update).carried_reviews.exists()


def test_words_changed_and_changed_back_keep_every_approval(cast: Cast) -> None:
    update = approved(cast)
    revise(cast, update, ContentEdit(next_update_minutes=7))
    revise(
        cast, update, ContentEdit(next_update_minutes=Update.objects.get(pk=update.pk).revisions.get(number=1).parsed().next_update_minutes)
    )
    ask(cast, update)
    assert state(update) == "approved"
    assert set(CarriedReview.objects.values_list("because", flat=True)) == {"same_words"}
    assert release(cast, update).revision.number == 3


def test_a_verdict_is_carried_twice_from_the_words_that_were_read(cast: Cast) -> None:
    update = approved(cast)
    edit_reach(cast, update)
    ask(cast, update)
    revise(cast, update, ContentEdit(channels=("page",)))
    (kept,) = ask(cast, update).carried_reviews.all()
    assert (kept.from_revision.number, kept.to_revision.number) == (1, 3)


def test_who_edits_the_reach_becomes_an_author_whose_verdict_is_not_carried(cast: Cast) -> None:
    update = approved(cast)
    edit_reach(cast, update, by="techlead")
    round_ = ask(cast, update)
    assert not round_.carried_reviews.exists()
    with Refusal("approvals_no_self_approval"):
        carried_row(round_, "technical", update.rounds.get(state="voided"))


def test_a_request_for_changes_is_never_carried(cast: Cast) -> None:
    update = draft(cast)
    before = ask(cast, update)
    say(cast, update, "technical", verdict="request_changes", comment="Name the region.")
    edit_reach(cast, update)
    round_ = ask(cast, update)
    assert not round_.carried_reviews.exists()
    with Refusal("approvals_carried_allowed"):
        carried_row(round_, "technical", before)


def test_the_database_carries_reach_for_the_technical_review_alone(cast: Cast) -> None:
    update = approved(cast)
    before = update.rounds.get()
    edit_reach(cast, update)
    round_ = ask(cast, update)
    with Refusal("approvals_carried_allowed"):
        carried_row(round_, "communications", before)
    with Refusal("approvals_carried_allowed"):
        carried_row(round_, "communications", before, because="same_words")


def test_the_database_compares_the_words_whatever_the_program_says(cast: Cast) -> None:
    update = approved(cast)
    before = update.rounds.get()
    edit(cast, update)
    round_ = ask(cast, update)
    for because in ("reach", "same_words"):
        with Refusal("approvals_carried_allowed"):
            carried_row(round_, "technical", before, because=because)
    with Refusal("approvals_carried_allowed"):
        carried_row(round_, "technical", before, from_revision=round_.revision, from_hash=round_.revision.content_hash)


def test_a_carried_verdict_names_the_exact_words_of_both_sides(cast: Cast) -> None:
    update = approved(cast)
    before = update.rounds.get()
    edit_reach(cast, update)
    round_ = ask(cast, update)
    sql("ALTER TABLE approvals_carriedreview DISABLE TRIGGER USER")
    CarriedReview.objects.all().delete()
    with Refusal("approvals_carried_from_exact_words"):
        carried_row(round_, "technical", before, from_hash="0" * 64)
    with Refusal("approvals_carried_to_exact_words"):
        carried_row(round_, "technical", before, to_hash="0" * 64)


def test_a_verdict_of_another_update_or_of_the_same_round_is_not_carried(cast: Cast) -> None:
    first, second = approved(cast), draft(cast)
    other = ask(cast, second)
    with Refusal("approvals_carried_allowed"):
        carried_row(other, "technical", first.rounds.get(), because="same_words")


def test_a_slot_is_filled_once(cast: Cast) -> None:
    update = approved(cast)
    before = update.rounds.get()
    edit_reach(cast, update)
    round_ = ask(cast, update)
    with Refusal("approvals_carriedreview_slot_id_key"):
        carried_row(round_, "technical", before)
    with Refusal("approvals_filled_once"):
        review_row(round_, "technical", cast.techlead2)


def test_a_carried_verdict_is_never_changed(cast: Cast) -> None:
    update = approved(cast)
    edit_reach(cast, update)
    ask(cast, update)
    with Refusal("approvals_carried_immutable"):
        sql("UPDATE approvals_carriedreview SET to_hash = to_hash")
    with Refusal("approvals_carried_immutable"):
        sql("DELETE FROM approvals_carriedreview")
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal("approvals_carried_no_truncate"):
        sql("TRUNCATE approvals_carriedreview")


def test_a_kept_verdict_alone_releases_nothing(cast: Cast) -> None:
    update = approved(cast)
    edit_reach(cast, update)
    round_ = ask(cast, update)
    force(round_, "approved")
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)
    assert not Release.objects.exists()
    assert number(update) == 2
