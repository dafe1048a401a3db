"""Review of holding statements: the same care as for an update, ahead of need."""

from datetime import timedelta

import pytest

from accounts.models import RoleAssignment, User
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from approvals.events import SlotStepDue
from approvals.models import ReviewRound, ReviewSlot
from approvals.queries.links import path_of
from approvals.queries.statement_queue import statement_queue
from approvals.queries.statements import legally_approved
from approvals.services import give_statement_verdict, run_slot_steps
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from notifications.models import Delivery
from templates.models import HoldingStatementVersion
from templates.services import save_statement
from tests.support.cast import NOW, Cast
from tests.support.heard import heard
from tests.support.holding import approve_statement, approved_statement, ask_for_review, say_of, write_statement
from tests.support.log import audit_types
from tests.support.roster import away, on_rota, untrained

pytestmark = pytest.mark.django_db


def state(version: HoldingStatementVersion) -> str:
    return HoldingStatementVersion.objects.get(pk=version.pk).state


def test_technical_and_communications_put_a_statement_in_force(cast: Cast) -> None:
    version = write_statement(cast)
    review_round = ask_for_review(cast, version)
    assert [slot.kind for slot in review_round.slots.all()] == ["technical", "communications"]
    say_of(cast, version, "technical")
    assert state(version) == "in_review"
    say_of(cast, version, "communications")
    version.refresh_from_db()
    assert (version.state, version.approved_at, version.expires_at) == ("approved", NOW, NOW + timedelta(days=90))
    assert ReviewRound.objects.get().state == "approved"
    assert {"review.requested", "review.given", "holding.moved"} <= set(audit_types())


def test_a_scenario_may_ask_legal_too(cast: Cast) -> None:
    version = write_statement(cast, key="breach", scenario="data_breach")
    review_round = ask_for_review(cast, version)
    assert [slot.kind for slot in review_round.slots.all()] == ["technical", "communications", "legal"]
    for kind in ("technical", "communications"):
        say_of(cast, version, kind)
    assert state(version) == "in_review"
    say_of(cast, version, "legal")
    assert state(version) == "approved"
    assert legally_approved(version)


def test_whoever_wrote_any_version_or_put_it_forward_never_approves(cast: Cast) -> None:
    first = write_statement(cast, by="comms")
    second = save_statement(actor=cast.actor("comms2"), now=NOW, statement=first.statement, title="Other", body="Words.", base=1)
    ask_for_review(cast, second, by="comms2")
    for name in ("comms", "comms2"):
        with pytest.raises(Forbidden, match="wrote"):
            say_of(cast, second, "communications", by=name)


def test_one_person_fills_one_slot(cast: Cast) -> None:
    RoleAssignment.objects.create(user=cast.comms2, role=Role.TECHNICAL_LEAD)
    version = write_statement(cast)
    ask_for_review(cast, version)
    say_of(cast, version, "communications", by="comms2")
    with pytest.raises(Forbidden, match="another person"):
        say_of(cast, version, "technical", by="comms2")


def test_a_verdict_needs_the_role_a_session_and_a_fresh_password(cast: Cast) -> None:
    version = write_statement(cast)
    ask_for_review(cast, version)
    words = {"now": NOW, "statement_id": version.statement_id, "kind": "technical", "verdict": "approve", "number": 1}
    for name in ("outsider", "responder", "auditor", "commander"):
        with pytest.raises(Forbidden):
            give_statement_verdict(actor=cast.actor(name, stepped_up=True), **words)  # type: ignore[arg-type]  # one set of words for all
    with pytest.raises(StepUpRequired):
        give_statement_verdict(actor=cast.actor("techlead"), **words)  # type: ignore[arg-type]  # one set of words for all
    with pytest.raises(Forbidden):
        give_statement_verdict(actor=cast.program("techlead"), **words)  # type: ignore[arg-type]  # one set of words for all
    assert state(version) == "in_review"


def test_asking_needs_the_permission_the_newest_version_and_a_near_expiry(cast: Cast) -> None:
    version = write_statement(cast)
    for name in ("outsider", "responder", "techlead"):
        with pytest.raises(Forbidden):
            ask_for_review(cast, version, by=name)
    for days in (-1, 0, 181):
        with pytest.raises(InvalidInput) as refused:
            ask_for_review(cast, version, valid_for=timedelta(days=days))
        assert "expires_at" in refused.value.fields
    save_statement(actor=cast.actor("comms"), now=NOW, statement=version.statement, title="New", body="Words.", base=1)
    with pytest.raises(StaleRevision):
        ask_for_review(cast, version)
    missing = HoldingStatementVersion(statement_id=10**6, number=1)
    with pytest.raises(NotFound):
        ask_for_review(cast, missing)


def test_asking_twice_is_refused(cast: Cast) -> None:
    version = write_statement(cast)
    ask_for_review(cast, version)
    with pytest.raises(Conflict):
        ask_for_review(cast, version)


def test_an_edit_during_review_voids_the_round(cast: Cast) -> None:
    version = write_statement(cast)
    ask_for_review(cast, version)
    say_of(cast, version, "technical")
    save_statement(actor=cast.actor("comms"), now=NOW, statement=version.statement, title="New", body="Words.", base=1)
    assert state(version) == "retired"
    assert ReviewRound.objects.get().state == "voided"
    with pytest.raises(Conflict):
        say_of(cast, HoldingStatementVersion.objects.get(number=2), "communications")


def test_asking_for_changes_gives_the_draft_back(cast: Cast) -> None:
    version = write_statement(cast)
    ask_for_review(cast, version)
    with pytest.raises(InvalidInput, match="what to change"):
        say_of(cast, version, "technical", "request_changes")
    say_of(cast, version, "technical", "request_changes", comment="It names a cause.")
    assert state(version) == "draft"
    assert ReviewRound.objects.get().state == "changes_requested"
    approve_statement(cast, version)


def test_a_newer_approval_retires_the_one_before(cast: Cast) -> None:
    first = approved_statement(cast)
    second = save_statement(actor=cast.actor("comms"), now=NOW, statement=first.statement, title="New", body="Words.", base=1)
    assert state(first) == "approved"
    approve_statement(cast, second)
    assert (state(first), state(second)) == ("retired", "approved")


def test_the_queue_shows_it_to_those_who_may_and_says_why_to_those_who_may_not(cast: Cast) -> None:
    version = write_statement(cast)
    ask_for_review(cast, version)
    assert [item.slot.kind for item in statement_queue(cast.actor("techlead"), NOW) if item.is_for_me] == ["technical"]
    own = {item.slot.kind: item for item in statement_queue(cast.actor("comms"), NOW)}["communications"]
    assert [reason.code for reason in own.reasons] == ["contributor"]
    assert statement_queue(cast.actor("outsider"), NOW) == []


def told(part: str) -> dict[str, str]:
    """Per letter whose key has this part: to whom, with which title."""
    rows = Delivery.objects.filter(message__source_key__contains=part).select_related("message", "user")
    return {row.user.username: row.message.wording[""]["title"] for row in rows if row.user}


def slot_of(review_round: ReviewRound, kind: str) -> ReviewSlot:
    return review_round.slots.get(kind=kind)


def test_those_on_duty_are_called_with_a_link_and_the_others_are_not(cast: Cast) -> None:
    on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    version = write_statement(cast)
    slot = slot_of(ask_for_review(cast, version), "technical")
    assert [call.user for call in slot.calls.all()] == [cast.techlead]
    assert told(f"slot:{slot.pk}:").keys() == {"techlead"}
    assert {row.message.incident for row in Delivery.objects.select_related("message__incident")} == {None}
    page = cast.client("techlead").get(path_of(slot.pk, cast.techlead.pk))
    assert page.headers["Location"] == f"/console/holding/{version.statement.public_id}/review/"
    assert cast.client("techlead2").get(path_of(slot.pk, cast.techlead.pk)).status_code == 403
    assert cast.client("outsider").get(path_of(slot.pk, cast.techlead.pk)).status_code in {403, 404}


def test_who_is_away_untrained_or_a_writers_second_account_is_not_called(cast: Cast) -> None:
    away(cast.techlead)
    untrained(cast.legal)
    version = write_statement(cast, key="breach", scenario="data_breach")
    User.objects.filter(pk=cast.comms2.pk).update(person=cast.comms.person)
    review_round = ask_for_review(cast, version)
    assert {call.user.username for slot in review_round.slots.all() for call in slot.calls.all()} == {"techlead2"}
    assert not told("slot:").keys() & {"techlead", "legal", "comms", "comms2"}


def test_its_clock_reminds_calls_in_and_tells_whoever_asked_at_last(cast: Cast) -> None:
    on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    version = write_statement(cast)
    slot = slot_of(ask_for_review(cast, version), "technical")
    window = slot.due_at - NOW
    with heard(SlotStepDue) as events:
        for share in (49, 50, 80, 100, 120, 500):
            run_slot_steps(now=NOW + window * share / 100)
    mine = [(event.step, event.update_id) for event in events if event.slot_id == slot.pk]
    assert mine == [("reminder", None), ("backup", None), ("next_tier", None)]
    assert set(told(f"slot:{slot.pk}:{cast.techlead2.pk}:backup")) == {"techlead2"}
    assert told(f"slot:{slot.pk}:{cast.comms.pk}:next_tier")["comms"].startswith("Nobody has decided")
    assert str(cast.override.pk) not in {user for event in events for user in event.user_ids}
    assert "review.step" in audit_types(f"holding:{version.statement.public_id}")


def test_where_nobody_can_review_it_whoever_asked_hears_at_once(cast: Cast) -> None:
    away(cast.techlead)
    away(cast.techlead2)
    ask_for_review(cast, write_statement(cast))
    with heard(SlotStepDue) as events:
        run_slot_steps(now=NOW)
    assert [(event.step, event.user_ids) for event in events] == [("next_tier", (str(cast.comms.pk),))]


def test_a_verdict_ends_the_clock_and_spends_the_link(cast: Cast) -> None:
    version = write_statement(cast)
    slot = slot_of(ask_for_review(cast, version), "technical")
    say_of(cast, version, "technical")
    with heard(SlotStepDue) as events:
        run_slot_steps(now=NOW + (slot.due_at - NOW) / 2)
    assert slot.pk not in {event.slot_id for event in events}
    assert slot.links.get(user=cast.techlead).spent_at == NOW
