"""What the database refuses, whatever the program does. Every refusal names its constraint."""

from contextlib import AbstractContextManager

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.models import Release, Review, ReviewRound, ReviewSlot
from incidents.models import Update, UpdateContributor
from tests.approvals.acts import approve, approved, ask, draft, edit, release, say, state
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


class Refusal(AbstractContextManager[None]):
    """Expects the database to refuse the block by the named constraint."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        self._atomic.__exit__(kind, error, trace)  # type: ignore[arg-type]  # handed on as given
        assert isinstance(error, IntegrityError), f"{self._name} did not refuse: {error}"
        diagnosis = getattr(error.__cause__, "diag", None)
        assert diagnosis is not None
        assert diagnosis.constraint_name == self._name
        return True


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def review_row(round_: ReviewRound, kind: str, user: object, **other: object) -> Review:
    """Inserted past every service."""
    row = {
        "round": round_,
        "slot": round_.slots.get(kind=kind),
        "reviewer": user,
        "verdict": "approve",
        "revision": round_.revision,
        "content_hash": round_.revision.content_hash,
        "at": NOW,
    }
    return Review.objects.create(**row | other)


def release_row(update: Update, round_: ReviewRound, cast: Cast, *, moves: bool = True, **other: object) -> Release:
    """Inserted past every service, and the update moved with it."""
    row = {
        "update_of": update,
        "revision": round_.revision,
        "content_hash": round_.revision.content_hash,
        "round": round_,
        "mode": "by_hand",
        "released_by": cast.commander,
        "released_at": NOW,
    }
    made = Release.objects.create(**row | other)
    if moves:
        Update.objects.filter(pk=update.pk).update(state="released", released_at=NOW)
    return made


def force(round_: ReviewRound, state: str) -> None:
    ReviewRound.objects.filter(pk=round_.pk).update(state=state)


@pytest.mark.parametrize("table", ["approvals_review", "approvals_release"])
def test_verdicts_and_releases_are_never_changed(cast: Cast, table: str) -> None:
    update = approved(cast)
    release(cast, update)
    with Refusal(f"{table}_immutable"):
        sql(f"UPDATE {table} SET content_hash = content_hash")  # noqa: S608 - names of our own
    with Refusal(f"{table}_immutable"):
        sql(f"DELETE FROM {table}")  # noqa: S608 - names of our own
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal(f"{table}_no_truncate"):
        sql(f"TRUNCATE {table} CASCADE")


def test_an_update_is_released_exactly_when_there_is_a_release(cast: Cast) -> None:
    update = approved(cast)
    with Refusal("approvals_released_has_release"):
        sql("UPDATE incidents_update SET state = 'released', released_at = now()")
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal("approvals_released_has_release"):
        Update.objects.create(incident=update.incident, state="released", created_by="x", created_at=NOW, released_at=NOW)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal("approvals_released_has_release"):
        release_row(update, update.rounds.get(), cast, moves=False)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert state(update) == "approved"
    release(cast, update)
    sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_slot_that_is_asked_for_cannot_be_taken_away(cast: Cast) -> None:
    ask(cast, draft(cast))
    with Refusal("approvals_slot_immutable"):
        sql("DELETE FROM approvals_reviewslot WHERE kind = 'technical'")
    with Refusal("approvals_slot_immutable"):
        ReviewSlot.objects.update(kind="other")


def test_a_round_keeps_its_subject_and_stays_closed(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    edit(cast, update)
    with Refusal("approvals_round_moves"):
        force(round_, "open")
    second = ask(cast, update)
    with Refusal("approvals_round_moves"):
        ReviewRound.objects.filter(pk=second.pk).update(revision=round_.revision)


def test_there_is_one_live_round(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    with Refusal("approvals_one_live_round"):
        ReviewRound.objects.create(
            update_of=round_.update_of, revision=round_.revision, requested_by=cast.commander, policy_version=1, opened_at=NOW
        )


def test_a_verdict_names_exactly_the_words_it_is_about(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    with Refusal("approvals_review_exact_words"):
        review_row(round_, "technical", cast.techlead, content_hash="0" * 64)


def test_a_verdict_belongs_to_an_open_round_over_the_same_revision(cast: Cast) -> None:
    update = draft(cast)
    old = ask(cast, update)
    edit(cast, update)
    with Refusal("approvals_review_in_open_round"):
        review_row(old, "technical", cast.techlead)
    new = ask(cast, update)
    with Refusal("approvals_review_in_open_round"):
        review_row(new, "technical", cast.techlead, revision=old.revision, content_hash=old.revision.content_hash)
    with Refusal("approvals_review_in_open_round"):
        review_row(new, "technical", cast.techlead, slot=old.slots.get(kind="technical"))


def test_nobody_approves_their_own_words(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    with Refusal("approvals_no_self_approval"):
        review_row(round_, "technical", cast.commander)


def test_one_person_fills_one_slot(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    review_row(round_, "technical", cast.techlead)
    with Refusal("approvals_distinct_people"):
        review_row(round_, "communications", cast.techlead)


def test_a_release_without_any_verdict_is_refused(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)
    force(round_, "approved")
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)


def test_a_release_with_one_of_two_approvals_is_refused(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    say(cast, update, "technical")
    force(round_, "approved")
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)


def test_a_release_over_a_request_for_changes_is_refused(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    say(cast, update, "technical")
    review_row(round_, "communications", cast.comms, verdict="request_changes")
    force(round_, "approved")
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)


def test_a_release_of_a_round_without_slots_is_refused(cast: Cast) -> None:
    update = draft(cast)
    assert update.current is not None
    round_ = ReviewRound.objects.create(
        update_of=update, revision=update.current, requested_by=cast.commander, policy_version=1, opened_at=NOW, state="approved"
    )
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)


def test_a_release_of_an_approved_round_over_words_changed_since_is_refused(cast: Cast) -> None:
    update = approved(cast)
    edit(cast, update)
    voided = update.rounds.get()
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, voided, cast)


def test_a_release_approved_by_somebody_who_became_a_contributor_is_refused(cast: Cast) -> None:
    update = approved(cast)
    UpdateContributor.objects.create(update_of=update, user=cast.techlead, since=NOW)
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, update.rounds.get(), cast)


def test_a_release_names_exactly_the_approved_words(cast: Cast) -> None:
    update = approved(cast)
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, update.rounds.get(), cast, content_hash="0" * 64)
    other = approved(cast)
    with Refusal("approvals_release_needs_approvals"):
        release_row(other, update.rounds.get(), cast)


def test_a_release_names_the_words_of_its_revision_even_where_nothing_else_looks(cast: Cast) -> None:
    update = approved(cast)
    sql("ALTER TABLE approvals_release DISABLE TRIGGER approvals_release_needs_approvals")
    with Refusal("approvals_release_exact_words"):
        release_row(update, update.rounds.get(), cast, content_hash="0" * 64)


def test_an_update_is_released_once(cast: Cast) -> None:
    update = approved(cast)
    round_ = update.rounds.get()
    release_row(update, round_, cast)
    with Refusal("approvals_release_update_of_id_key"):
        release_row(update, round_, cast)


def test_the_refusals_stand_in_replication_mode_too(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    sql("SET LOCAL session_replication_role = replica")
    with Refusal("approvals_no_self_approval"):
        review_row(round_, "technical", cast.commander)
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)
    sql("SET LOCAL session_replication_role = DEFAULT")
    approve(cast, update)
