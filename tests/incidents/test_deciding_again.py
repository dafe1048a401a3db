"""The policy decides again in the transaction that changes what it reads, and the decisions before stay."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.actors import source
from audit.services import UnitOfWork
from catalogue.services import set_component_status
from core.errors import Forbidden, InvalidInput
from incidents.models import Incident, PolicyDecision
from incidents.queries import current_decision, decision_value, open_promise
from incidents.rules.scope import derived_scope
from incidents.services import assess_etr, change_incident, open_incident, reconsider_due
from incidents.services.deciding import decide_again
from policies.rules.decision import ReviewKind
from stakeholders.models import Audience
from tests.incidents.test_released import released
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident, make_update
from tests.support.policies import put_in_force, rules_in_force

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("states", "scope"),
    [
        ([], "none"),
        (["operational", "under_maintenance", "degraded_performance"], "none"),
        (["operational", "partial_outage"], "partial"),
        (["major_outage", "operational"], "partial"),
        (["major_outage", "major_outage"], "full"),
    ],
)
def test_the_scope_follows_the_components(states: list[str], scope: str) -> None:
    assert derived_scope(states) == scope


@pytest.mark.django_db
def test_a_components_state_changes_scope_and_decision_of_every_open_incident_in_one_transaction(cast: Cast) -> None:
    component = make_component(name="Checkout")
    here, there, elsewhere = make_incident(components=[component]), make_incident(components=[component]), make_incident()
    with transaction.atomic():
        set_component_status(actor=cast.system(), now=NOW + MINUTE, component=component, status="major_outage")
        # Read before anything is committed.
        for incident in (here, there):
            row = current_decision(incident)
            assert (row.facts["outage_scope"], row.cause, row.at) == ("full", "Checkout is major outage", NOW + MINUTE)
    assert list(here.decisions.values_list("facts__outage_scope", flat=True)) == ["full", "none"]
    assert elsewhere.decisions.count() == 1
    here.refresh_from_db()
    assert (here.outage_scope, here.version) == ("full", 2)


@pytest.mark.django_db
def test_a_change_taken_back_takes_the_decision_back(cast: Cast) -> None:
    component = make_component()
    incident = make_incident(components=[component])
    with transaction.atomic():
        set_component_status(actor=cast.system(), now=NOW, component=component, status="major_outage")
        assert incident.decisions.count() == 2
        transaction.set_rollback(True)
    assert incident.decisions.count() == 1


@pytest.mark.django_db
def test_a_resolved_incident_is_decided_no_more(cast: Cast) -> None:
    component = make_component()
    incident = make_incident(components=[component])
    released(cast, make_update(incident=incident, status="resolved"))
    decided = incident.decisions.count()
    set_component_status(actor=cast.system(), now=NOW, component=component, status="major_outage")
    put_in_force(cast, rules_in_force(arbiter_minutes=20))
    assert incident.decisions.count() == decided


@pytest.mark.django_db
def test_a_person_sets_the_scope_with_a_reason_and_components_leave_it_alone(cast: Cast) -> None:
    component = make_component()
    incident = make_incident(components=[component])
    commander = cast.actor("commander")
    with pytest.raises(InvalidInput) as refused:
        change_incident(actor=commander, now=NOW, incident_id=incident.pk, outage_scope="full")
    assert "reason" in refused.value.fields
    with pytest.raises(InvalidInput, match=r"Correct"):
        change_incident(actor=source("alerts"), now=NOW, incident_id=incident.pk, outage_scope="full", reason="x")
    changed = change_incident(actor=commander, now=NOW, incident_id=incident.pk, outage_scope="full", reason="Nobody can pay.")
    assert (changed.outage_scope, changed.outage_scope_set_by, changed.outage_scope_reason) == ("full", cast.commander, "Nobody can pay.")
    set_component_status(actor=cast.system(), now=NOW, component=component, status="partial_outage")
    incident.refresh_from_db()
    assert incident.outage_scope == "full"
    back = change_incident(actor=commander, now=NOW, incident_id=incident.pk, outage_scope=None)
    assert (back.outage_scope, back.outage_scope_set_by, back.outage_scope_reason) == ("partial", None, "")


@pytest.mark.django_db
@pytest.mark.parametrize("flag", ["data_breach", "regulated_system"])
def test_a_flag_calls_for_legal_and_only_a_lawyer_takes_it_off(cast: Cast, flag: str) -> None:
    incident = make_incident()
    change_incident(actor=cast.actor("responder"), now=NOW, incident_id=incident.pk, **{flag: True})  # type: ignore[arg-type]  # one flag at a time
    assert decision_value(current_decision(incident)).review(ReviewKind.LEGAL) is not None
    for name in ("commander", "admin", "outsider"):
        with pytest.raises(Exception, match=r"take the flags|Not found"):
            change_incident(actor=cast.actor(name), now=NOW, incident_id=incident.pk, reason="Wrong", **{flag: False})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        change_incident(actor=cast.actor("legal"), now=NOW, incident_id=incident.pk, **{flag: False})  # type: ignore[arg-type]
    change_incident(actor=cast.actor("legal"), now=NOW, incident_id=incident.pk, reason="Logs show no access.", **{flag: False})  # type: ignore[arg-type]
    assert decision_value(current_decision(incident)).review(ReviewKind.LEGAL) is None
    with pytest.raises(Forbidden):
        change_incident(actor=cast.actor("legal"), now=NOW, incident_id=incident.pk, severity="SEV4")


@pytest.mark.django_db
def test_a_regulatory_flag_comes_off_by_a_lawyer_alone(cast: Cast) -> None:
    incident = make_incident()
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, regulatory_flags=["nis2", "dora"])
    with pytest.raises(Forbidden):
        change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, regulatory_flags=["nis2"], reason="x")
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, regulatory_flags=["nis2", "dora", "gdpr"])
    assert current_decision(incident).facts["regulatory_flags"] == ["dora", "gdpr", "nis2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"tags": ["Payments!"]}, {"jurisdictions": ["de"]}, {"tags": [f"t{n}" for n in range(21)]}, {"outage_scope": "huge"}]
)
def test_what_no_list_may_hold_is_refused_beside_its_field(cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        change_incident(actor=cast.actor("commander"), now=NOW, incident_id=make_incident().pk, **wrong)  # type: ignore[arg-type]
    assert set(refused.value.fields) == set(wrong)


@pytest.mark.django_db
def test_an_expected_time_is_a_fact_and_expires_by_itself(cast: Cast) -> None:
    incident = make_incident()
    at = NOW + 90 * MINUTE
    assess_etr(actor=cast.actor("techlead"), now=NOW, incident=incident, expected_at=at, expires_at=at)
    assert current_decision(incident).facts["expected_minutes"] == 90
    assert reconsider_due(now=NOW + 89 * MINUTE) == 0
    assert reconsider_due(now=at) == 1
    assert reconsider_due(now=at + MINUTE) == 0
    newest = current_decision(incident)
    assert newest.facts["expected_minutes"] is None
    assert newest.cause == "time passed: 90 minutes since it was opened"


@pytest.mark.django_db
def test_age_alone_makes_the_policy_decide_again_once(cast: Cast) -> None:
    rules = rules_in_force()
    rules.insert(
        0,
        {
            "key": "old",
            "words": "Older than four hours: weekly word is enough.",
            "when": {"fact": "elapsed_minutes", "op": "at_least", "value": 240},
            "then": rules[-1]["then"] | {"outcome": "optional"},
        },
    )
    put_in_force(cast, rules)
    incident = make_incident()
    assert reconsider_due(now=NOW + 239 * MINUTE) == 0
    assert reconsider_due(now=NOW + 240 * MINUTE) == 1
    for later in range(241, 250):
        reconsider_due(now=NOW + later * MINUTE)
    assert current_decision(incident).rule_key == "old"
    assert incident.decisions.count() == 2
    assert open_promise(incident) is None
    assert incident.timeline.filter(kind="decided").count() == 1


@pytest.mark.django_db
def test_a_version_put_in_force_decides_over_every_open_incident(cast: Cast) -> None:
    incidents = [make_incident() for _ in range(3)]
    version = put_in_force(cast, rules_in_force(arbiter_minutes=25))
    for incident in incidents:
        row = current_decision(incident)
        assert (row.policy_version, decision_value(row).arbiter_minutes) == (version.number, 25)
        assert row.cause == f"version {version.number} of the policy is in force"


@pytest.mark.django_db
def test_an_incident_opened_while_a_version_came_into_force_catches_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = make_incident()
    # As if the opening had been committed after the activation looked for open incidents.
    monkeypatch.setattr("incidents.handlers.reconsider_all", lambda **_: None)
    version = put_in_force(cast, rules_in_force(arbiter_minutes=25))
    assert current_decision(incident).policy_version != version.number
    assert reconsider_due(now=NOW + MINUTE) == 1
    row = current_decision(incident)
    assert (row.policy_version, row.cause) == (version.number, f"version {version.number} of the policy is in force")
    assert reconsider_due(now=NOW + MINUTE) == 0


@pytest.mark.django_db
def test_one_broken_incident_keeps_no_other_from_its_decision(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, well = make_incident(), make_incident()
    monkeypatch.setattr("incidents.handlers.reconsider_all", lambda **_: None)
    version = put_in_force(cast, rules_in_force(arbiter_minutes=25))

    def failing(work: UnitOfWork, incident: Incident, **given: Any) -> PolicyDecision:
        if incident.pk == broken.pk:
            raise RuntimeError("something nobody thought of")
        return decide_again(work, incident, **given)

    with monkeypatch.context() as patched:
        patched.setattr("incidents.services.reconsider.decide_again", failing)
        assert reconsider_due(now=NOW + MINUTE) == 1
    assert current_decision(well).policy_version == version.number
    assert current_decision(broken).policy_version != version.number
    assert reconsider_due(now=NOW + MINUTE) == 1


@pytest.mark.django_db
def test_the_clock_alone_makes_no_new_decision(cast: Cast) -> None:
    incident = make_incident()
    change_incident(actor=cast.actor("commander"), now=NOW + 7 * MINUTE, incident_id=incident.pk, title="Another name")
    change_incident(actor=cast.actor("commander"), now=NOW + 9 * MINUTE, incident_id=incident.pk, severity="SEV1")
    assert PolicyDecision.objects.filter(incident=incident).count() == 1


@pytest.mark.django_db
def test_audiences_bound_to_a_component_are_a_fact() -> None:
    component = make_component(key="checkout")
    Audience.objects.get(key="customers").scope_components.add(component)
    incident = make_incident(components=[component])
    assert current_decision(incident).facts["depended_on_by"] == ["customers"]


@pytest.mark.django_db
def test_an_incident_that_is_for_no_audience_opens_without_a_draft(cast: Cast) -> None:
    other = make_component()
    for audience in Audience.objects.all():
        audience.scope_components.add(other)
    incident = open_incident(actor=cast.actor("commander"), now=NOW, title="Elsewhere", severity="SEV1", impact="major", stage="confirmed")
    assert incident.updates.count() == 0
    assert Incident.objects.filter(pk=incident.pk).exists()
