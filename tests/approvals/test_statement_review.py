"""Review of holding statements: the same care as for an update, ahead of need."""

from datetime import timedelta

import pytest

from accounts.models import RoleAssignment
from accounts.rules.roles import Role
from approvals.models import ReviewRound
from approvals.queries.statements import legally_approved, statement_queue
from approvals.services import give_statement_verdict
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from notifications.models import Delivery, Message
from templates.models import HoldingStatementVersion
from templates.services import save_statement
from tests.support.cast import NOW, Cast
from tests.support.holding import approve_statement, approved_statement, ask_for_review, say_of, write_statement
from tests.support.log import audit_types

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


def test_those_asked_are_told_and_the_writers_are_not(cast: Cast) -> None:
    ask_for_review(cast, write_statement(cast))
    message = Message.objects.get(source_key__startswith="review:")
    told = set(Delivery.objects.filter(message=message).values_list("user__username", flat=True))
    assert {"techlead", "comms2"} <= told
    assert "comms" not in told
    assert message.incident is None
