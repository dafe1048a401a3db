"""Changing an incident's facts: the policy decides again, and those who may not see it stop seeing it."""

import json

import pytest

from audit.queries import entries_about
from core.errors import Forbidden, InvalidInput, NotFound, StaleRevision
from incidents.models import Incident, PolicyDecision
from incidents.queries import current_decision, visible_incident
from incidents.services import change_incident, grant_access
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("severity", "SEV4"),
        ("impact", "minor"),
        ("stage", "watching"),
        ("category", "network"),
        ("customer_facing", False),
        ("restricted", True),
    ],
)
def test_the_policy_decides_again_when_a_fact_it_reads_changes(cast: Cast, field: str, value: object) -> None:
    incident = make_incident()
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, **{field: value})  # type: ignore[arg-type]  # one field at a time
    assert current_decision(incident).facts[field] == value
    assert PolicyDecision.objects.filter(incident=incident).count() == 2
    assert audit_types(f"incident:{incident.public_id}")[-2:] == ["incident.changed", "incident.decided"]


def test_a_change_that_the_policy_does_not_read_keeps_the_decision(cast: Cast) -> None:
    incident = make_incident()
    changed = change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, title="Better name", commander=cast.techlead)
    assert (changed.title, changed.commander, changed.version) == ("Better name", cast.techlead, 2)
    assert PolicyDecision.objects.filter(incident=incident).count() == 1
    line = changed.timeline.get(kind="changed")
    assert line.text == "Changed: title Checkout answers with errors → Better name, commander nobody → Techlead"


def test_the_policy_reads_which_components_are_affected(cast: Cast) -> None:
    incident, component = make_incident(), make_component()
    changed = change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, components=[component.key])
    assert list(changed.components.all()) == [component]
    assert current_decision(incident).facts["components"] == [component.key]
    assert current_decision(incident).cause == "components changed"


def test_what_is_already_so_changes_nothing(cast: Cast) -> None:
    incident = make_incident()
    before = audit_types()
    same = change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, severity="SEV1", components=[])
    assert same.version == 1
    assert audit_types() == before


def test_a_change_against_an_older_version_is_refused(cast: Cast) -> None:
    incident = make_incident()
    change_incident(actor=cast.actor("techlead"), now=NOW, incident_id=incident.pk, expected_version=1, severity="SEV2")
    with pytest.raises(StaleRevision):
        change_incident(actor=cast.actor("comms"), now=NOW, incident_id=incident.pk, expected_version=1, severity="SEV3")
    with pytest.raises(InvalidInput):
        change_incident(actor=cast.actor("comms"), now=NOW, incident_id=incident.pk, severity="SEV9")
    assert Incident.objects.get().severity == "SEV2"


@pytest.mark.parametrize("name", ["outsider", "auditor", "legal"])
def test_who_may_not_write_changes_nothing(cast: Cast, name: str) -> None:
    incident = make_incident()
    with pytest.raises((Forbidden, NotFound)):
        change_incident(actor=cast.actor(name), now=NOW, incident_id=incident.pk, severity="SEV4")
    assert Incident.objects.get().severity == "SEV1"


def test_restricting_needs_its_own_permission_and_leaves_those_responsible_in(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("responder"))
    with pytest.raises(Forbidden):
        change_incident(actor=cast.actor("techlead"), now=NOW, incident_id=incident.pk, restricted=True)
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, restricted=True)
    for name in ("responder", "commander", "auditor"):
        visible_incident(cast.actor(name), incident.public_id)
    for name in ("techlead", "comms", "admin", "outsider"):
        with pytest.raises(NotFound):
            visible_incident(cast.actor(name), incident.public_id)
        with pytest.raises(NotFound):
            change_incident(actor=cast.actor(name), now=NOW, incident_id=incident.pk, severity="SEV4")


def test_access_is_granted_by_name_by_those_who_have_it(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"), restricted=True)
    with pytest.raises(NotFound):
        grant_access(actor=cast.actor("admin"), now=NOW, incident=incident, to=cast.admin)
    with pytest.raises(Forbidden):
        grant_access(actor=cast.actor("auditor"), now=NOW, incident=incident, to=cast.legal)
    grant_access(actor=cast.actor("commander"), now=NOW, incident=incident, to=cast.techlead)
    assert visible_incident(cast.actor("techlead"), incident.public_id) == incident
    assert audit_types(f"incident:{incident.public_id}")[-1] == "incident.access_granted"


def test_a_new_commander_of_a_restricted_incident_sees_it(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"), restricted=True)
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, commander=cast.techlead2)
    assert visible_incident(cast.actor("techlead2"), incident.public_id) == incident


def test_naming_the_commander_of_a_restricted_incident_needs_the_permission_to_restrict(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("responder"))
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, restricted=True)
    with pytest.raises(Forbidden):
        change_incident(actor=cast.actor("responder"), now=NOW, incident_id=incident.pk, commander=cast.techlead2)
    with pytest.raises(NotFound):
        visible_incident(cast.actor("techlead2"), incident.public_id)


def test_every_grant_is_in_the_log(cast: Cast) -> None:
    def granted(incident: Incident) -> set[str]:
        log = entries_about(f"incident:{incident.public_id}").filter(type="incident.access_granted")
        told = [json.loads(bytes(entry.body))["to"] for entry in log]
        assert len(told) == len(set(told)), "each person once"
        return set(told)

    opened = make_incident(actor=cast.actor("commander"), restricted=True)
    assert granted(opened) == {f"user:{cast.commander.pk}", f"user:{cast.auditor.pk}"}
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=opened.pk, commander=cast.techlead2)
    assert granted(opened) == {f"user:{cast.commander.pk}", f"user:{cast.auditor.pk}", f"user:{cast.techlead2.pk}"}
    later = make_incident(actor=cast.actor("responder"))
    assert granted(later) == set()
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=later.pk, restricted=True)
    assert granted(later) == {f"user:{person.pk}" for person in (cast.responder, cast.commander, cast.auditor)}
