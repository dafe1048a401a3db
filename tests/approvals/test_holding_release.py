"""Releasing approved holding statements: exact words, listed values, the same gate, once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from approvals.models import HoldingUse, Release
from approvals.queries.holding import holding_plan
from approvals.queries.sending import standing_of
from approvals.services import release_holding
from approvals.services.release_hold import hold_incident
from audit.models import Entry
from core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from incidents.models import Incident, Update, UpdatePromise
from notifications.models import Delivery, Message
from templates.rules.holding import REMIND_BEFORE
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident
from tests.support.holding import approved_statement, let_out_holding, seen_of, write_statement
from tests.support.releases import released, subscribers

pytestmark = pytest.mark.django_db


def incident_with_checkout(cast: Cast, **facts: Any) -> Incident:
    return make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")], **facts)


def test_a_release_says_the_approved_words_with_the_listed_values(cast: Cast) -> None:
    subscribers("a@example.com", "b@example.com")
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    done = let_out_holding(cast, incident, version, now=NOW + timedelta(minutes=20))
    use = HoldingUse.objects.get(revision=done.revision)
    assert use.content_hash == version.content_hash
    assert use.values["component_names"] == "Checkout"
    assert use.values["now_utc"] == "2 March 2026, 14:20 UTC"
    assert use.title == "We are looking into a problem with Checkout"
    assert use.body == "We noticed it on 2 March 2026, 14:00 UTC and say more within 15 minutes. As of 2 March 2026, 14:20 UTC."
    words = done.revision.parsed().wording["customers"]["en"]
    assert (words.title, words.body) == (use.title, use.body)
    assert done.round is None
    assert Update.objects.get(pk=done.update_of_id).state == "released"
    assert Delivery.objects.filter(message=Message.objects.get(release=done)).count() == 2


def test_it_promises_the_next_update_and_answers_the_promise_that_ran_for_its_readers(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    done = let_out_holding(cast, incident, version)
    running = UpdatePromise.objects.get(incident=incident, made_by=done.update_of)
    assert (running.untold, running.due_at) == (["customers"], NOW + timedelta(minutes=15))
    first = UpdatePromise.objects.get(incident=incident, made_by=None)
    assert (first.audiences, first.untold, first.closed_at) == (["customers", "internal"], ["internal"], None)


def test_it_changes_no_status_and_no_component(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast, impact="critical")
    let_out_holding(cast, incident, version)
    incident.refresh_from_db()
    assert (incident.status, incident.impact) == ("investigating", "critical")
    assert incident.components.get().status == "operational"


def test_the_log_names_the_statement_its_values_and_who_approved(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    let_out_holding(cast, incident, version)
    body = json.loads(bytes(Entry.objects.get(type="update.released").body))
    assert body["holding"][0]["content_hash"] == version.content_hash
    assert body["holding"][0]["values"]["component_names"] == "Checkout"
    assert set(body["approved_by"]) == {f"user:{cast.techlead.pk}", f"user:{cast.comms2.pk}"}


def test_several_audiences_go_in_one_update(cast: Cast) -> None:
    outside = approved_statement(cast)
    inside = approved_statement(
        cast, key="disruption-internal-en", name="For colleagues", audience_key="internal", title="We are on it", body="More soon."
    )
    done = let_out_holding(cast, incident_with_checkout(cast), outside, inside)
    assert set(done.revision.parsed().wording) == {"customers", "internal"}
    assert HoldingUse.objects.filter(revision=done.revision).count() == 2


def test_two_statements_for_the_same_readers_are_refused(cast: Cast) -> None:
    first = approved_statement(cast)
    second = approved_statement(cast, key="another", name="Another")
    with pytest.raises(InvalidInput, match="Choose one of them"):
        let_out_holding(cast, incident_with_checkout(cast), first, second)


def test_an_expired_one_refuses_with_the_way_on(cast: Cast) -> None:
    version = approved_statement(cast, valid_for=timedelta(days=1))
    incident = incident_with_checkout(cast, now=NOW + timedelta(days=1))
    with pytest.raises(Conflict, match=r"ran out on 03 Mar 2026.*approved anew.*ordinary update") as refused:
        let_out_holding(cast, incident, version, now=NOW + timedelta(days=1))
    assert refused.value.code == "statement_expired"
    assert not Release.objects.exists()
    assert timedelta(days=14) == REMIND_BEFORE


def test_a_draft_cannot_be_released(cast: Cast) -> None:
    version = write_statement(cast)
    with pytest.raises(InvalidInput, match="approved"):
        let_out_holding(cast, incident_with_checkout(cast), version)


def test_a_variable_without_a_value_refuses(cast: Cast) -> None:
    version, incident = approved_statement(cast), make_incident(actor=cast.actor("commander"))
    with pytest.raises(Conflict, match="names of the affected components"):
        let_out_holding(cast, incident, version)


def test_names_that_are_not_public_never_reach_customers(cast: Cast) -> None:
    version = approved_statement(cast)
    hidden = make_incident(actor=cast.actor("commander"), components=[make_component(name="Ledger-7", is_public=False)])
    plan = holding_plan(hidden, [version], NOW)
    assert "Ledger-7" not in plan.filled[0].title
    assert plan.filled[0].missing == ("component_names",)


@pytest.mark.parametrize("name", ["outsider", "responder", "techlead", "comms", "legal", "auditor", "admin"])
def test_only_a_commander_or_the_audiences_owner_releases(cast: Cast, name: str) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    with pytest.raises((Forbidden, NotFound)):
        let_out_holding(cast, incident, version, by=name)
    assert not Release.objects.exists()


def test_it_needs_a_session_and_a_fresh_password(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    words: dict[str, Any] = {
        "now": NOW,
        "incident_id": incident.pk,
        "statements": [version.statement.public_id],
        "seen": seen_of(incident, version),
    }
    with pytest.raises(StepUpRequired):
        release_holding(actor=cast.actor("commander"), **words)
    with pytest.raises(DomainError):
        release_holding(actor=cast.program("commander"), **words)


def test_a_restricted_incident_reaches_no_public_audience(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast, restricted=True)
    with pytest.raises(Conflict, match="restricted"):
        let_out_holding(cast, incident, version)


def test_a_hold_stops_it(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    hold_incident(actor=cast.actor("commander", stepped_up=True), now=NOW, incident_id=incident.pk, reason="Police asked us to wait.")
    with pytest.raises(Conflict, match="Police"):
        let_out_holding(cast, incident, version)


def test_a_resolved_incident_refuses(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    Incident.objects.filter(pk=incident.pk).update(status="resolved", resolved_at=NOW)
    with pytest.raises(Conflict, match="resolved"):
        let_out_holding(cast, incident, version)


@pytest.mark.parametrize("flag", ["data_breach", "regulated_system"])
def test_a_flagged_incident_needs_a_statement_that_legal_approved(cast: Cast, flag: str) -> None:
    plain = approved_statement(cast)
    legal = approved_statement(cast, key="breach", name="Personal data", scenario="data_breach")
    incident = incident_with_checkout(cast)
    Incident.objects.filter(pk=incident.pk).update(**{flag: True})
    with pytest.raises(Conflict, match="legal") as refused:
        let_out_holding(cast, incident, plain)
    assert refused.value.code == "legal_missing"
    assert let_out_holding(cast, incident, legal).round is None


def test_what_was_shown_must_still_be_what_goes_out(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    seen = seen_of(incident, version)
    incident.components.add(make_component(name="Search"))
    with pytest.raises(StaleRevision, match="not what you were shown"):
        let_out_holding(cast, incident, version, seen=seen)
    assert not Release.objects.exists()


def test_time_alone_changes_nothing_that_was_shown(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    assert seen_of(incident, version, now=NOW) == seen_of(incident, version, now=NOW + timedelta(minutes=3))


def test_the_second_of_two_who_read_the_same_page_is_refused(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    seen = seen_of(incident, version)
    let_out_holding(cast, incident, version, seen=seen)
    with pytest.raises(StaleRevision):
        let_out_holding(cast, incident, version, seen=seen)
    assert Release.objects.count() == 1


def test_one_statement_serves_again_later_and_beside_ordinary_updates(cast: Cast) -> None:
    version, incident = approved_statement(cast), incident_with_checkout(cast)
    let_out_holding(cast, incident, version)
    let_out_holding(cast, incident, version, now=NOW + timedelta(minutes=15))
    released(cast)
    assert Release.objects.count() == 3


def test_a_hidden_incident_is_not_there(cast: Cast) -> None:
    version = approved_statement(cast)
    hidden = make_incident(restricted=True, components=[make_component(name="Checkout")])
    with pytest.raises(NotFound):
        let_out_holding(cast, hidden, version)


def test_decided_again_while_it_is_sent(cast: Cast) -> None:
    plain = approved_statement(cast)
    legal = approved_statement(cast, key="breach", name="Personal data", scenario="data_breach")
    releases = [let_out_holding(cast, incident_with_checkout(cast), version) for version in (plain, legal)]
    ids = [release.pk for release in releases]
    assert {standing.reason for standing in standing_of(ids, NOW).values()} == {""}
    Incident.objects.update(data_breach=True)
    found = {pk: standing.reason for pk, standing in standing_of(ids, NOW).items()}
    assert "legal" in found[releases[0].pk]
    assert found[releases[1].pk] == ""
    # What is out goes on when the statement is renewed or its approval ends later.
    assert standing_of(ids, NOW + timedelta(days=100))[releases[1].pk].reason == ""
