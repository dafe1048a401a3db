"""Opening an incident: the policy decides, a promise runs, a draft stands ready."""

from datetime import timedelta

import pytest

from accounts.actors import source
from audit.services.verify import verify_log
from core.errors import Forbidden, InvalidInput, NotFound
from incidents.models import Incident, Update
from incidents.queries import current_decision, open_promise, visible_incident
from incidents.services import open_incident
from templates.rules.gaps import unfilled
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db


def test_a_confirmed_sev1_needs_updates_and_its_first_promise_runs(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    decision = current_decision(incident)
    assert decision.outcome == "required"
    assert decision.facts.items() >= {
        "severity": "SEV1", "impact": "major", "stage": "confirmed", "status": "investigating", "category": "application",
        "customer_facing": True, "restricted": False,
    }.items()  # fmt: skip
    promise = open_promise(incident)
    assert promise is not None
    assert promise.due_at == NOW + timedelta(minutes=15)
    assert promise.made_by is None


def test_the_first_draft_stands_ready_with_gaps_marked(cast: Cast) -> None:
    make_component(key="checkout", name="Checkout")
    incident = make_incident(actor=cast.actor("commander"), components=["checkout"])
    update = Update.objects.get(incident=incident)
    assert update.current is not None
    content = update.current.parsed()
    assert content.audiences == ("customers", "internal")
    assert [component.status for component in content.components] == ["partial_outage"]
    assert content.next_update_minutes == 15
    public = content.wording["customers"]["en"]
    assert "Checkout" in public.title + public.body
    nameless = Update.objects.get(incident=make_incident()).current
    assert nameless is not None
    texts = nameless.parsed().wording["customers"]["en"]
    assert "names of the affected components" in unfilled(texts.title + texts.body)


def test_what_is_internal_stays_out_of_public_words(cast: Cast) -> None:
    make_component(key="ledger-db", name="Ledger database", is_public=False)
    incident = make_incident(title="canary-7f3a", components=["ledger-db"])
    update = Update.objects.get(incident=incident)
    assert update.current is not None
    public = str(update.current.content["wording"]["customers"])
    assert "canary-7f3a" not in public
    assert "Ledger" not in public
    assert "SEV1" not in public


def test_watching_promises_nothing(cast: Cast) -> None:
    incident = make_incident(severity="SEV3", stage="watching")
    assert current_decision(incident).outcome == "optional"
    assert open_promise(incident) is None


def test_a_commander_commands_what_they_open_and_others_do_not(cast: Cast) -> None:
    assert make_incident(actor=cast.actor("commander")).commander == cast.commander
    assert make_incident(actor=cast.actor("responder")).commander is None


def test_opening_is_recorded_and_the_log_holds(cast: Cast) -> None:
    make_incident(actor=cast.actor("commander"))
    assert audit_types() == ["incident.opened", "incident.decided", "update.started", "update.revised"]
    assert verify_log().bad_index is None


def test_unknown_words_are_refused_field_by_field_and_nothing_is_stored(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_incident(title="  ", severity="SEV9", impact="huge", stage="x", category="y")
    assert sorted(refused.value.fields) == ["category", "impact", "severity", "stage", "title"]
    with pytest.raises(InvalidInput, match="components"):
        make_incident(components=["nowhere"])
    assert not Incident.objects.exists()
    assert audit_types() == []


@pytest.mark.parametrize("name", ["outsider", "auditor", "legal"])
def test_who_may_not_write_incidents_cannot_open_one(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        make_incident(actor=cast.actor(name))
    assert not Incident.objects.exists()


def test_a_source_opens_but_never_restricts(cast: Cast) -> None:
    incident = make_incident(actor=source("alertmanager"))
    assert incident.opened_by == "source:alertmanager"
    update = incident.updates.get()
    assert update.current is not None
    assert update.current.author is None
    assert not update.contributors.exists()
    with pytest.raises(Forbidden):
        make_incident(actor=source("alertmanager"), restricted=True)


def test_a_restricted_incident_is_missing_for_everyone_not_granted(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"), restricted=True)
    for name in ("commander", "auditor"):
        assert visible_incident(cast.actor(name), incident.public_id) == incident
    for name in ("admin", "techlead", "comms", "legal", "responder", "outsider"):
        with pytest.raises(NotFound) as hidden:
            visible_incident(cast.actor(name), incident.public_id)
        with pytest.raises(NotFound) as missing:
            visible_incident(cast.actor(name), "doesnotexist")
        assert str(hidden.value) == str(missing.value)


def test_who_opens_by_name_of_commander(cast: Cast) -> None:
    incident = open_incident(
        actor=cast.actor("responder"), now=NOW, title="Slow", severity="SEV2", impact="minor", stage="confirmed", commander=cast.commander
    )
    assert incident.commander == cast.commander
