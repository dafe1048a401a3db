"""What the database refuses about holding statements and their release, whatever the program does."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from approvals.models import HoldingUse, Release, Review, ReviewRound
from incidents.models import Incident, Update
from incidents.rules.content import Content, Wording
from incidents.services.covered_update import covered_content, start_covered_update
from templates.models import HoldingStatementVersion
from tests.approvals.acts import ask, draft
from tests.approvals.test_constraints import Refusal, sql
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident
from tests.support.holding import approved_statement, ask_for_review, let_out_holding, say_of, write_statement

pytestmark = pytest.mark.django_db

VALUES = {
    "component_names": "Checkout",
    "started_at_utc": "2 March 2026, 14:00 UTC",
    "now_utc": "2 March 2026, 14:05 UTC",
    "next_update_in": "15 minutes",
}
TITLE = "We are looking into a problem with Checkout"
BODY = "We noticed it on 2 March 2026, 14:00 UTC and say more within 15 minutes. As of 2 March 2026, 14:05 UTC."


def review_row(round_: ReviewRound, kind: str, user: User, **other: Any) -> Review:
    """Inserted past every service."""
    version = round_.holding_version
    assert version is not None
    row: dict[str, Any] = {
        "round": round_,
        "slot": round_.slots.get(kind=kind),
        "reviewer": user,
        "verdict": "approve",
        "holding_version": version,
        "content_hash": version.content_hash,
        "at": NOW,
    }
    return Review.objects.create(**row | other)


def force(version: HoldingStatementVersion, **fields: Any) -> None:
    HoldingStatementVersion.objects.filter(pk=version.pk).update(**fields)


def covered(cast: Cast, title: str = TITLE, body: str = BODY, also: str = "") -> Update:
    """An update that says these words to customers, as the service would begin it."""
    incident = make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")])
    words = {"customers": {"en": Wording(title, body)}} | ({also: {"en": Wording("More", "More.")}} if also else {})
    content: Content = covered_content(incident, words, minutes=15)
    return start_covered_update(actor=cast.actor("commander"), now=NOW, incident=Incident.objects.get(pk=incident.pk), content=content)


def use_row(update: Update, version: HoldingStatementVersion, **other: Any) -> HoldingUse:
    row: dict[str, Any] = {
        "revision": update.current,
        "version": version,
        "content_hash": version.content_hash,
        "values": VALUES,
        "title": TITLE,
        "body": BODY,
    }
    return HoldingUse.objects.create(**row | other)


def release_row(update: Update, cast: Cast, **other: Any) -> Release:
    assert update.current is not None
    row: dict[str, Any] = {
        "update_of": update,
        "revision": update.current,
        "content_hash": update.current.content_hash,
        "round": None,
        "mode": "by_hand",
        "released_by": cast.commander,
        "released_at": NOW,
    }
    made = Release.objects.create(**row | other)
    Update.objects.filter(pk=update.pk).update(state="released", released_at=NOW)
    return made


def test_a_round_has_exactly_one_subject(cast: Cast) -> None:
    version, update = write_statement(cast), draft(cast)
    row: dict[str, Any] = {"requested_by": cast.comms, "policy_version": 1, "opened_at": NOW}
    with Refusal("approvals_round_one_subject"):
        ReviewRound.objects.create(**row)
    with Refusal("approvals_round_one_subject"):
        ReviewRound.objects.create(update_of=update, revision=update.current, holding_version=version, **row)
    with Refusal("approvals_round_one_subject"):
        ReviewRound.objects.create(revision=update.current, holding_version=version, **row)


def test_a_round_keeps_its_statement(cast: Cast) -> None:
    round_ = ask_for_review(cast, write_statement(cast))
    other = write_statement(cast, key="other")
    with Refusal("approvals_round_moves"):
        ReviewRound.objects.filter(pk=round_.pk).update(holding_version=other)


def test_a_version_has_one_live_round(cast: Cast) -> None:
    version = write_statement(cast)
    ask_for_review(cast, version)
    with Refusal("approvals_one_live_statement_round"):
        ReviewRound.objects.create(holding_version=version, requested_by=cast.comms, policy_version=1, opened_at=NOW)


def test_a_verdict_has_one_subject_and_its_rounds(cast: Cast) -> None:
    round_ = ask_for_review(cast, write_statement(cast))
    other = ask_for_review(cast, write_statement(cast, key="other")).holding_version
    assert other is not None
    with Refusal("approvals_review_one_subject"):
        review_row(round_, "technical", cast.techlead, revision=draft(cast).current)
    with Refusal("approvals_review_in_open_round"):
        review_row(round_, "technical", cast.techlead, holding_version=other, content_hash=other.content_hash)
    with Refusal("approvals_review_in_open_round"):
        review_row(round_, "technical", cast.techlead, holding_version=None, revision=draft(cast).current)
    of_update = ask(cast, draft(cast))
    with Refusal("approvals_review_in_open_round"):
        Review.objects.create(
            round=of_update,
            slot=of_update.slots.get(kind="technical"),
            reviewer=cast.techlead,
            verdict="approve",
            holding_version=other,
            content_hash=other.content_hash,
            at=NOW,
        )


def test_a_verdict_names_exactly_the_words(cast: Cast) -> None:
    round_ = ask_for_review(cast, write_statement(cast))
    with Refusal("approvals_statement_exact_words"):
        review_row(round_, "technical", cast.techlead, content_hash="0" * 64)


def test_nobody_who_wrote_it_reviews_it(cast: Cast) -> None:
    round_ = ask_for_review(cast, write_statement(cast))
    with Refusal("approvals_no_self_approval"):
        review_row(round_, "communications", cast.comms)


def test_a_statement_is_approved_only_under_an_approved_and_complete_round(cast: Cast) -> None:
    version = write_statement(cast)
    round_ = ask_for_review(cast, version)
    with Refusal("approvals_statement_needs_approvals"):
        force(version, state="approved", approved_at=NOW)
    ReviewRound.objects.filter(pk=round_.pk).update(state="approved")
    with Refusal("approvals_statement_needs_approvals"):
        force(version, state="approved", approved_at=NOW)


def test_one_review_is_not_enough_even_if_the_round_says_so(cast: Cast) -> None:
    version = write_statement(cast)
    round_ = ask_for_review(cast, version)
    say_of(cast, version, "technical")
    ReviewRound.objects.filter(pk=round_.pk).update(state="approved")
    with Refusal("approvals_statement_needs_approvals"):
        force(version, state="approved", approved_at=NOW)


def test_a_round_without_slots_approves_nothing(cast: Cast) -> None:
    version = write_statement(cast)
    force(version, state="in_review", requested_at=NOW, expires_at=NOW + timedelta(days=1))
    ReviewRound.objects.create(holding_version=version, requested_by=cast.comms, policy_version=1, opened_at=NOW, state="approved")
    with Refusal("approvals_statement_needs_approvals"):
        force(version, state="approved", approved_at=NOW)


@pytest.mark.parametrize(
    "other",
    [
        {"title": "We know nothing"},
        {"body": BODY + " It was the database."},
        {"values": VALUES | {"component_names": "Search"}},
        {"values": VALUES | {"cause": "the database"}},
        {"values": {}, "title": "We are looking into a problem with {{ component_names }}"},
        {"values": VALUES | {"component_names": "{{ now_utc }}"}, "title": "We are looking into a problem with 2 March 2026, 14:05 UTC"},
    ],
)
def test_what_is_said_is_the_approved_text_with_listed_values_alone(cast: Cast, other: dict[str, Any]) -> None:
    version, update = approved_statement(cast), covered(cast)
    with Refusal("approvals_holding_exact_words"):
        use_row(update, version, **other)


def test_a_use_names_exactly_the_version_and_is_never_changed(cast: Cast) -> None:
    version, update = approved_statement(cast), covered(cast)
    use_row(update, version)
    with Refusal("approvals_holding_use_once"):
        use_row(update, version)
    with Refusal("approvals_holding_use_immutable"):
        sql("UPDATE approvals_holdinguse SET title = title")
    with Refusal("approvals_holding_use_immutable"):
        sql("DELETE FROM approvals_holdinguse")
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with Refusal("approvals_holding_use_no_truncate"):
        sql("TRUNCATE approvals_holdinguse CASCADE")
    with Refusal("approvals_holding_use_exact_version"):
        use_row(covered(cast), version, content_hash="0" * 64)


def test_a_release_without_a_round_needs_a_statement(cast: Cast) -> None:
    with Refusal("approvals_release_needs_statement"):
        release_row(covered(cast), cast)
    with Refusal("approvals_release_needs_statement"):
        release_row(draft(cast), cast)


def test_the_statement_must_be_approved_when_it_is_released(cast: Cast) -> None:
    version, update = write_statement(cast), covered(cast)
    use_row(update, version)
    with Refusal("approvals_release_needs_statement"):
        release_row(update, cast)


def test_a_retired_or_voided_approval_counts_no_more(cast: Cast) -> None:
    version, update = approved_statement(cast), covered(cast)
    use_row(update, version)
    ReviewRound.objects.about_statements().update(state="voided")
    with Refusal("approvals_release_needs_statement"):
        release_row(update, cast)
    force(version, state="retired", retired_at=NOW)
    with Refusal("approvals_release_needs_statement"):
        release_row(update, cast)


def test_an_expired_approval_releases_nothing(cast: Cast) -> None:
    version, update = approved_statement(cast, valid_for=timedelta(days=1)), covered(cast)
    use_row(update, version)
    with Refusal("approvals_release_needs_statement"):
        release_row(update, cast, released_at=NOW + timedelta(days=1))
    assert release_row(update, cast, released_at=NOW + timedelta(days=1) - timedelta(seconds=1)).pk


def test_nothing_is_said_besides_the_statements(cast: Cast) -> None:
    version, update = approved_statement(cast), covered(cast, also="internal")
    use_row(update, version)
    with Refusal("approvals_release_statement_words"):
        release_row(update, cast)


def test_every_statement_used_is_said(cast: Cast) -> None:
    first, update = approved_statement(cast), covered(cast)
    use_row(update, first)
    use_row(update, approved_statement(cast, key="twin"))
    with Refusal("approvals_release_statement_words"):
        release_row(update, cast)


def test_the_sound_way_is_let_through_by_the_same_triggers(cast: Cast) -> None:
    version = approved_statement(cast)
    incident = make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")])
    assert let_out_holding(cast, incident, version).round is None


@pytest.mark.parametrize("flag", ["data_breach", "regulated_system"])
def test_a_flagged_incident_goes_outside_only_by_statements_that_legal_approved(cast: Cast, flag: str) -> None:
    plain = approved_statement(cast)
    legal = approved_statement(cast, key="breach", name="Personal data", scenario="data_breach")
    for version in (plain, legal):
        update = covered(cast)
        use_row(update, version)
        Incident.objects.filter(pk=update.incident_id).update(**{flag: True})
        if version == plain:
            with Refusal("approvals_statement_needs_legal"):
                release_row(update, cast)
        else:
            assert release_row(update, cast).pk


def test_inside_the_house_a_statement_about_a_flagged_incident_needs_no_lawyer(cast: Cast) -> None:
    version = approved_statement(cast, key="inside", name="For colleagues", audience_key="internal")
    incident = make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")])
    content = covered_content(incident, {"internal": {"en": Wording(TITLE, BODY)}}, minutes=15)
    update = start_covered_update(actor=cast.actor("commander"), now=NOW, incident=Incident.objects.get(pk=incident.pk), content=content)
    use_row(update, version)
    Incident.objects.update(data_breach=True)
    assert release_row(update, cast).pk
