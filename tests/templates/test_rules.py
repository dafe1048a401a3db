"""Saving the rules, what drafts get by them, and the API."""

from typing import Any

import pytest

from core.errors import Forbidden, InvalidInput, StaleRevision
from incidents.models import Update
from incidents.services import change_incident, start_update
from templates.models import TemplateRule, TemplateRuleSet, UpdateTemplate
from templates.queries import template_for, unmapped_categories
from templates.services import create_template, save_rules
from templates.services.save_rules import RuleInput
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db

PAYMENTS = RuleInput("", ("payments",), "payments")


def payments_template(cast: Cast) -> UpdateTemplate:
    made = create_template(
        actor=cast.actor("comms"),
        now=NOW,
        name="Payments",
        category="",
        status="investigating",
        audience_key="customers",
        title="Payments are affected",
        body="Your money is safe.",
        key="payments",
        only_by_rule=True,
    )
    return made.template


def save(cast: Cast, *rules: RuleInput, base: int | None = None, by: str = "comms") -> TemplateRuleSet | None:
    return save_rules(actor=cast.actor(by), now=NOW, rules=rules, base=base)


def test_a_draft_gets_the_template_of_the_first_rule_that_matches(cast: Cast) -> None:
    payments_template(cast)
    save(cast, PAYMENTS)
    plain = make_incident()
    assert "Payments" not in _title(Update.objects.get(incident=plain))
    tagged = make_incident(tags=["eu", "payments"])
    assert _title(Update.objects.get(incident=tagged)) == "Payments are affected"


def test_a_template_kept_for_rules_serves_no_place(cast: Cast) -> None:
    payments_template(cast)
    found = template_for("application", "investigating", "customers", ["payments"])
    assert found is not None
    assert found.template.key == "any-investigating-customers"


def test_what_the_policy_demands_comes_before_the_rules_where_it_fits(cast: Cast) -> None:
    payments_template(cast)
    for status, key in (("investigating", "payments"), ("resolved", "any-resolved-customers")):
        found = template_for("application", status, "customers", required="payments")
        assert found is not None
        assert found.template.key == key


def test_saving_makes_a_version_and_keeps_the_earlier_one(cast: Cast) -> None:
    payments_template(cast)
    first = save(cast, PAYMENTS, base=0)
    assert save(cast, PAYMENTS) == first
    second = save(cast, base=1)
    assert second is not None
    assert (second.version, second.rules.count(), TemplateRule.objects.count()) == (2, 0, 1)
    assert audit_types("template-rules") == ["template_rules.saved"] * 2


def test_saving_over_somebody_elses_rules_is_refused(cast: Cast) -> None:
    payments_template(cast)
    save(cast, PAYMENTS, by="comms2")
    with pytest.raises(StaleRevision, match="Version 1"):
        save(cast, base=0)


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        (RuleInput("", (), "payments"), "rules.0.tags"),
        (RuleInput("", ("Not a tag",), "payments"), "rules.0.tags"),
        (RuleInput("weather", ("eu",), "payments"), "rules.0.category"),
        (RuleInput("", ("eu",), "nowhere"), "rules.0.template"),
        (RuleInput("database", (), "network-monitoring-customers"), "rules.0.template"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_its_place(cast: Cast, rule: RuleInput, place: str) -> None:
    payments_template(cast)
    with pytest.raises(InvalidInput) as refused:
        save(cast, rule)
    assert list(refused.value.fields) == [place]


@pytest.mark.parametrize("name", ["outsider", "responder", "commander", "auditor"])
def test_who_may_not_write_templates_may_not_save_rules(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        save(cast, by=name)


def test_unmapped_categories_name_what_serves_instead(cast: Cast) -> None:
    found = unmapped_categories()
    assert set(found) == {"application", "database", "third_party", "other"}
    assert found["database"][0].falls_back == "any-investigating-customers"


def test_the_api_reads_saves_lists_gaps_and_answers_for_an_event(cast: Cast) -> None:
    payments_template(cast)
    client = cast.client("comms")
    empty = client.get("/api/v1/template-rules/")
    assert (empty.json(), empty["ETag"]) == ({"version": 0, "rules": []}, '"0"')
    body = {
        "rules": [{"tags": ["payments"], "template": "payments"}, {"category": "network", "tags": ["payments"], "template": "payments"}]
    }
    assert client.put("/api/v1/template-rules/", body, content_type="application/json").status_code == 428
    saved = client.put("/api/v1/template-rules/", body, content_type="application/json", headers={"If-Match": '"0"'})
    assert [(rule["position"], rule["hidden_by"]) for rule in saved.json()["rules"]] == [(1, None), (2, 1)]
    unmapped = client.get("/api/v1/template-rules/unmapped/").json()["unmapped"]
    assert "database" in [row["category"] for row in unmapped]
    answer = client.get("/api/v1/template-rules/test/?category=database&tags=payments&status=investigating&audience=customers").json()
    assert [(row["template"], row["because"], row["rule"]) for row in answer["answers"]] == [("payments", "rule", 1)]
    assert len(client.get("/api/v1/template-rules/test/?category=database").json()["answers"]) == 8
    assert client.get("/api/v1/template-rules/test/?category=weather").status_code == 400


@pytest.mark.parametrize("path", ["", "unmapped/", "test/?category=network"])
def test_the_outsider_reads_none_of_it(cast: Cast, path: str) -> None:
    assert cast.client("outsider").get(f"/api/v1/template-rules/{path}").status_code == 403


def test_tags_added_later_pick_the_template_of_the_next_draft(cast: Cast) -> None:
    payments_template(cast)
    save(cast, PAYMENTS)
    incident = make_incident(actor=cast.actor("commander"))
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, tags=["payments"])
    incident.refresh_from_db()
    assert (
        _title(start_update(actor=cast.actor("commander"), now=NOW, incident=incident, status="investigating")) == "Payments are affected"
    )


def _title(update: Update) -> Any:
    update = Update.objects.select_related("current").get(pk=update.pk)
    assert update.current is not None
    return update.current.parsed().wording["customers"]["en"].title
