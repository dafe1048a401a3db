"""What the database refuses of disputes, overrides and holds, whatever the program does. Every refusal names its constraint."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, connection

from approvals.models import CarriedReview, Dispute, Override, Release, ReleaseHold, Review, ReviewRound, Ruling
from incidents.models import Update, UpdateContributor, UpdateRevision
from tests.approvals.acts import approved, ask, draft, edit
from tests.approvals.disputing import LATER, decide, disputed, half_reviewed, hold_on, live, overridden, rule
from tests.approvals.test_constraints import Refusal, force, release_row, sql
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


class RefusalAtTheEnd(Refusal):
    """The check waits for the end of the transaction: make it now."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if error is None:
            try:
                sql("SET CONSTRAINTS ALL IMMEDIATE")
            except IntegrityError as refused:
                return super().__exit__(type(refused), refused, refused.__traceback__)
        return super().__exit__(kind, error, trace)


def change(model: type[Any], **values: object) -> None:
    model._default_manager.update(**values)


def dispute_row(round_: ReviewRound, cast: Cast, **other: object) -> Dispute:
    """Inserted past every service."""
    row: dict[str, object] = {
        "update_of": round_.update_of,
        "review_round": round_,
        "slot": round_.slots.get(kind="technical"),
        "revision": round_.revision,
        "by": cast.techlead,
        "audience": "customers",
        "language": "en",
        "field": "body",
        "start": 0,
        "end": 4,
        "quote": "Some",
        "reason": "All of them.",
        "at": NOW,
        "due_at": LATER,
    }
    return Dispute.objects.create(**row | other)


def ruling_row(found: Dispute, cast: Cast, **other: object) -> Ruling:
    """Inserted past every service."""
    row: dict[str, object] = {
        "dispute": found,
        "kind": "uphold",
        "by": cast.arbiter,
        "reason": "Because.",
        "from_revision": found.revision,
        "start": found.start,
        "at": NOW,
    }
    return Ruling.objects.create(**row | other)


def override_row(round_: ReviewRound, cast: Cast, **other: object) -> Override:
    """Inserted past every service."""
    row: dict[str, object] = {
        "update_of": round_.update_of,
        "round": round_,
        "revision": round_.revision,
        "content_hash": round_.revision.content_hash,
        "by": cast.override,
        "reason": "Nobody answers.",
        "second_factor_at": NOW,
        "fills": [{"kind": "communications", "ground": "window_expired", "words": ""}],
        "told": [],
        "at": NOW,
        "ratify_by": LATER,
    }
    return Override.objects.create(**row | other)


def test_a_dispute_is_opened_in_an_open_round_over_the_same_words(cast: Cast) -> None:
    update = draft(cast)
    old = ask(cast, update)
    edit(cast, update)
    with Refusal("approvals_dispute_in_open_round"):
        dispute_row(old, cast)
    new = ask(cast, update)
    with Refusal("approvals_dispute_in_open_round"):
        dispute_row(new, cast, revision=old.revision)
    with Refusal("approvals_dispute_in_open_round"):
        dispute_row(new, cast, slot=old.slots.get(kind="technical"))


def test_a_dispute_marks_words_and_gives_a_reason(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    for nothing in ({"quote": ""}, {"reason": ""}, {"end": 0}):
        with Refusal("approvals_dispute_marks_words"):
            dispute_row(round_, cast, **nothing)


def test_the_same_words_are_disputed_once_at_a_time(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    dispute_row(round_, cast)
    with Refusal("approvals_passage_disputed_once"):
        dispute_row(round_, cast)


def test_a_dispute_keeps_what_it_says_and_is_closed_once(cast: Cast) -> None:
    found = disputed(cast)
    with Refusal("approvals_dispute_closed_once"):
        change(Dispute, quote="Some")
    with Refusal("approvals_dispute_closed_once"):
        Dispute.objects.all().delete()
    rule(cast, found, "uphold")
    for state in ("open", "withdrawn"):
        with Refusal("approvals_dispute_closed_once"):
            change(Dispute, state=state)


def test_a_dispute_that_was_ruled_on_has_its_ruling(cast: Cast) -> None:
    found = disputed(cast)
    with RefusalAtTheEnd("approvals_ruling_closes_dispute"):
        change(Dispute, state="upheld", closed_at=NOW)
    with RefusalAtTheEnd("approvals_ruling_closes_dispute"):
        ruling_row(found, cast)
    with RefusalAtTheEnd("approvals_ruling_closes_dispute"):
        change(Dispute, state="struck", closed_at=NOW)
        ruling_row(found, cast)
    with RefusalAtTheEnd("approvals_ruling_closes_dispute"):
        change(Dispute, state="upheld", closed_at=NOW)
        ruling_row(found, cast, by=found.by)


def test_a_ruling_is_never_changed_and_given_once(cast: Cast) -> None:
    found = disputed(cast)
    rule(cast, found, "uphold")
    with Refusal("approvals_ruling_immutable"):
        change(Ruling, reason="Otherwise.")
    with Refusal("approvals_ruling_immutable"):
        Ruling.objects.all().delete()
    with Refusal("approvals_ruling_dispute_id_key"):
        ruling_row(found, cast)


def test_a_ruling_has_a_reason_and_the_words_that_came_of_it(cast: Cast) -> None:
    found = disputed(cast)
    with Refusal("approvals_ruling_has_reason"):
        ruling_row(found, cast, reason="")
    with Refusal("approvals_ruling_has_its_words"):
        ruling_row(found, cast, kind="strike")
    with Refusal("approvals_ruling_known"):
        ruling_row(found, cast, kind="perhaps", revision=found.revision)


def test_nothing_is_approved_while_a_passage_is_disputed(cast: Cast) -> None:
    found = disputed(cast)
    with Refusal("approvals_no_approval_while_disputed"):
        force(live(found.update_of), "approved")


def test_a_verdict_is_carried_only_over_what_a_ruling_struck(cast: Cast) -> None:
    """The words of the new revision are compared: a passage struck and a word added carry nothing."""
    found = disputed(cast)
    given = Review.objects.get()
    rule(cast, found, "strike")
    carried = CarriedReview.objects.get()
    assert carried.review == given
    edit(cast, found.update_of, body="Many payments fail.")
    second = ask(cast, found.update_of)
    for because in ("struck", "reach", "same_words"):
        with Refusal("approvals_carried_allowed"):
            CarriedReview.objects.create(
                round=second,
                slot=second.slots.get(kind="technical"),
                review=given,
                from_revision=given.revision,
                from_hash=given.content_hash,
                to_revision=second.revision,
                to_hash=second.revision.content_hash,
                because=because,
                at=NOW,
            )


@pytest.mark.parametrize(
    ("new_body", "stands"),
    [
        ("Some payments fail.", True),
        ("Some payments  fail.\n", True),
        ("Some payments fail!", False),
        ("Payments fail.", False),
        ("Some payments fail. We are", False),
    ],
)
def test_the_database_compares_the_words_around_a_struck_passage_itself(cast: Cast, new_body: str, stands: bool) -> None:
    revision = UpdateRevision.objects.get(update_of=draft(cast))
    new = revision.content | {
        "wording": revision.content["wording"] | {"customers": {"en": {"title": "Checkout is failing", "body": new_body}}}
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT approvals_only_struck(%s::jsonb, %s::jsonb, ARRAY['wording', 'customers', 'en', 'body'], 'We are on it.', 20)",
            [_json(revision.content), _json(new)],
        )
        assert cursor.fetchone()[0] is stands


def _json(value: object) -> str:
    return json.dumps(value)


def test_a_release_without_every_review_needs_its_override(cast: Cast) -> None:
    update = half_reviewed(cast)
    round_ = live(update)
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)
    with Refusal("approvals_release_needs_override"):
        release_row(update, round_, cast, overridden=True)
    with Refusal("approvals_round_overridden_by_override"):
        force(round_, "overridden")


def released_by_override(update: Update, round_: ReviewRound, cast: Cast, **other: object) -> Release:
    override_row(round_, cast, **other)
    force(round_, "overridden")
    return release_row(update, round_, cast, overridden=True, released_by=other.get("by", cast.override))


def test_an_override_stands_in_for_each_missing_review_and_for_no_other_words(cast: Cast) -> None:
    update = half_reviewed(cast)
    round_ = live(update)
    for kinds in ([], ["technical"], ["communications", "legal"]):
        with Refusal("approvals_release_needs_override"):
            released_by_override(update, round_, cast, fills=[{"kind": kind} for kind in kinds])
    with RefusalAtTheEnd("approvals_override_exact_words"):
        override_row(round_, cast, content_hash="0" * 64)
    released_by_override(update, round_, cast)
    sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_who_wrote_or_reviewed_does_not_override(cast: Cast) -> None:
    update = half_reviewed(cast)
    round_ = live(update)
    for name in ("commander", "techlead"):
        with Refusal("approvals_release_needs_override"):
            released_by_override(update, round_, cast, by=cast.user(name))


def test_an_override_goes_past_no_dispute(cast: Cast) -> None:
    found = disputed(cast)
    with Refusal("approvals_no_approval_while_disputed"):
        released_by_override(found.update_of, live(found.update_of), cast)


def test_an_override_without_a_release_does_not_stay(cast: Cast) -> None:
    with RefusalAtTheEnd("approvals_override_has_release"):
        override_row(live(half_reviewed(cast)), cast)


def test_an_approved_update_is_released_in_the_ordinary_way(cast: Cast) -> None:
    update = approved(cast)
    with Refusal("approvals_round_moves"):
        released_by_override(update, live(update), cast)


def test_an_override_begins_waiting_and_has_a_reason(cast: Cast) -> None:
    round_ = live(half_reviewed(cast))
    with Refusal("approvals_override_decided_once"):
        override_row(round_, cast, state="ratified", decided_by=cast.legal, decided_at=NOW)
    with Refusal("approvals_override_has_reason"):
        override_row(round_, cast, reason="")
    with Refusal("approvals_override_is_to_be_ratified"):
        override_row(round_, cast, ratify_by=NOW)


def test_an_override_is_never_changed_but_by_its_decision(cast: Cast) -> None:
    found = overridden(cast)
    otherwise: dict[str, object] = {"reason": "Otherwise.", "told": [], "fills": [], "ratify_by": NOW}
    for name, value in otherwise.items():
        with Refusal("approvals_override_decided_once"):
            change(Override, **{name: value})
    with Refusal("approvals_override_decided_once"):
        sql("DELETE FROM approvals_override")
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal("approvals_override_no_truncate"):
        sql("TRUNCATE approvals_override CASCADE")
    decide(cast, found)
    with Refusal("approvals_override_decided_once"):
        change(Override, state="refused", decided_by=cast.legal, decided_at=LATER, decided_reason="No.")


def test_an_override_is_decided_by_somebody_else(cast: Cast) -> None:
    found = overridden(cast)
    for name in ("override", "commander"):
        with Refusal("approvals_override_decided_by_another"):
            change(Override, state="ratified", decided_by=cast.user(name), decided_at=LATER)
    with Refusal("approvals_override_decided_whole"):
        change(Override, state="refused", decided_by=cast.legal, decided_at=LATER)
    UpdateContributor.objects.create(update_of=found.update_of, user=cast.legal, since=NOW)
    with Refusal("approvals_override_decided_by_another"):
        change(Override, state="ratified", decided_by=cast.legal, decided_at=LATER)


def test_a_hold_is_lifted_once_and_otherwise_stays(cast: Cast) -> None:
    found = hold_on(cast, draft(cast))
    with Refusal("approvals_hold_lifted_once"):
        change(ReleaseHold, reason="Otherwise.")
    with Refusal("approvals_hold_lifted_once"):
        ReleaseHold.objects.all().delete()
    with Refusal("approvals_hold_lifted_whole"):
        change(ReleaseHold, lifted_at=LATER)
    ReleaseHold.objects.filter(pk=found.pk).update(lifted_at=LATER, lifted_by=cast.legal, lift_reason="It is fine.")
    with Refusal("approvals_hold_lifted_once"):
        change(ReleaseHold, lifted_at=NOW)


def test_a_hold_has_one_subject_and_a_subject_one_hold(cast: Cast) -> None:
    update = draft(cast)
    hold_on(cast, update)
    row = {"reason": "Wait.", "placed_by": cast.commander, "placed_at": NOW}
    with Refusal("approvals_one_hold_per_update"):
        ReleaseHold.objects.create(update_of=update, **row)
    with Refusal("approvals_hold_one_subject"):
        ReleaseHold.objects.create(**row)
    with Refusal("approvals_hold_one_subject"):
        ReleaseHold.objects.create(update_of=update, incident=update.incident, **row)
    ReleaseHold.objects.create(incident=update.incident, **row)
    with Refusal("approvals_one_hold_per_incident"):
        ReleaseHold.objects.create(incident=update.incident, **row)


def test_nothing_is_released_while_it_is_held(cast: Cast) -> None:
    update = approved(cast)
    ReleaseHold.objects.create(incident=update.incident, reason="Wait.", placed_by=cast.commander, placed_at=NOW)
    with Refusal("approvals_no_release_while_held"):
        release_row(update, live(update), cast)


def test_the_refusals_stand_in_replication_mode_too(cast: Cast) -> None:
    found = overridden(cast)
    held = approved(cast)
    ReleaseHold.objects.create(incident=held.incident, reason="Wait.", placed_by=cast.commander, placed_at=NOW)
    sql("SET LOCAL session_replication_role = replica")
    with Refusal("approvals_override_decided_once"):
        change(Override, reason="Otherwise.")
    with Refusal("approvals_no_release_while_held"):
        release_row(held, live(held), cast)
    sql("SET LOCAL session_replication_role = DEFAULT")
    assert found.state == "awaiting"


def test_an_update_is_released_once_by_override_too(cast: Cast) -> None:
    found = overridden(cast)
    with Refusal("approvals_release_update_of_id_key"):
        release_row(found.update_of, found.round, cast, overridden=True, released_by=cast.override)
