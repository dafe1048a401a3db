"""A version of the policy tried on past incidents: what differs, worked off in pieces, and nothing told of what is restricted."""

from typing import Any

import pytest

from core.errors import Forbidden
from incidents.models import PolicyDryRun
from incidents.queries.dry_runs import visible_differences
from incidents.rules.dry_run import Decided, Trial
from incidents.services import change_incident, dry_run, start_dry_run, work_off_dry_runs
from policies.models import PolicyVersion
from policies.queries import active_policy
from policies.rules.document import parse
from tests.incidents.conftest import Api
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident
from tests.support.policies import rules_in_force

pytestmark = pytest.mark.django_db


def version_of(rules: list[dict[str, Any]]) -> PolicyVersion:
    return PolicyVersion.objects.create(number=99, state="draft", rules=rules, created_at=NOW)


def quieter() -> PolicyVersion:
    """SEV1 asks for nothing any more."""
    rules = rules_in_force()
    for rule in rules:
        if rule["key"] == "customer-sev1":
            rule["then"] |= {"outcome": "optional", "cadence": {}}
    return version_of(rules)


def run(cast: Cast, version: PolicyVersion) -> PolicyDryRun:
    started = start_dry_run(actor=cast.actor("admin"), now=NOW, version=version)
    while work_off_dry_runs(now=NOW):
        pass
    started.refresh_from_db()
    return started


def test_what_differs_is_listed_incident_by_incident_and_added_up(cast: Cast) -> None:
    sev1, _, was_sev1 = make_incident(), make_incident(severity="SEV2"), make_incident()
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=was_sev1.pk, severity="SEV3")
    done = run(cast, quieter())
    assert (done.state, done.done, done.total) == ("done", 3, 3)
    assert done.totals["changed"] == 2
    assert done.totals["outcomes"] == {"required → optional": 2}
    found = {row.incident_id: row for row in done.differences.all()}
    assert set(found) == {sev1.pk, was_sev1.pk}
    assert (found[sev1.pk].before["outcome"], found[sev1.pk].after["outcome"]) == ("required", "optional")
    assert found[sev1.pk].before["rule_key"] == "customer-sev1"


def test_the_version_in_force_differs_in_nothing(cast: Cast) -> None:
    for severity in ("SEV1", "SEV2", "SEV3", "SEV4"):
        make_incident(severity=severity)
    assert run(cast, active_policy()).totals == {"incidents": 4}


def test_the_same_by_another_rule_is_no_difference() -> None:
    rules = rules_in_force()
    document = parse(rules)
    trial = Trial(document)
    rule = document.rules[0]
    facts = {
        "severity": "SEV4",
        "impact": "none",
        "stage": "confirmed",
        "status": "resolved",
        "category": "other",
        "customer_facing": True,
        "restricted": False,
    }
    decided = Decided(facts, document.otherwise.then.as_json(), rule.key, rule.words)
    found = trial.look_at([decided])
    assert found is None or found.before["rule_key"] == rule.key


def test_restricted_incidents_are_left_out_and_so_is_one_restricted_since(cast: Cast) -> None:
    open_one = make_incident()
    make_incident(restricted=True)
    done = run(cast, quieter())
    assert (done.total, done.done, done.differences.count()) == (1, 1, 1)
    change_incident(actor=cast.actor("admin"), now=NOW, incident_id=open_one.pk, restricted=True)
    assert visible_differences(cast.actor("comms"), done).count() == 0


def test_it_is_worked_off_in_pieces_and_goes_on_where_it_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "CHUNK", 2)
    for _ in range(5):
        make_incident()
    started = start_dry_run(actor=cast.actor("admin"), now=NOW, version=quieter())
    dry_run._chunk(NOW)
    started.refresh_from_db()
    assert (started.state, started.done) == ("running", 2)
    make_incident()  # opened since: not part of it
    while work_off_dry_runs(now=NOW):
        pass
    started.refresh_from_db()
    assert (started.state, started.done, started.totals["changed"], started.differences.count()) == ("done", 5, 5, 5)


def test_one_at_a_time_and_only_by_those_who_write_policies(cast: Cast) -> None:
    version = quieter()
    first = start_dry_run(actor=cast.actor("admin"), now=NOW, version=version)
    assert start_dry_run(actor=cast.actor("commander"), now=NOW, version=version) == first
    for name in ("comms", "outsider"):
        with pytest.raises(Forbidden):
            start_dry_run(actor=cast.actor(name), now=NOW, version=version)


def test_a_trial_is_read_by_the_api(cast: Cast, api: Api) -> None:
    make_incident()
    done = run(cast, quieter())
    client = api("auditor")
    assert client.get("/api/v1/policies/99/dry-runs/").json()["results"][0]["id"] == done.pk
    assert client.get(f"/api/v1/dry-runs/{done.pk}/").json()["totals"]["changed"] == 1
    (row,) = client.get(f"/api/v1/dry-runs/{done.pk}/differences/").json()["results"]
    assert row["after"]["outcome"] == "optional"
    assert api("outsider").get(f"/api/v1/dry-runs/{done.pk}/").status_code == 403
