"""The policy edited by filling in fields: no JSON, no script."""

import html
import json
import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given, settings

from console.forms.policy_condition import acted, tree_of, written
from console.forms.policy_order import moved, placed, without
from console.forms.policy_rule import NEW_RULE, RuleForm
from policies.models import PolicyVersion
from policies.queries import active_policy, document_of
from policies.rules.compare import ChangeKind, compare
from policies.rules.decide import decide
from policies.rules.document import parse
from policies.rules.facts import Facts
from tests.policies.strategies import FACTS, documents
from tests.policies.test_document import GOOD
from tests.support.cast import Cast
from tests.support.factories import make_incident
from tests.support.log import audit_types


def fields_on(page: str, form_id: str = "rule") -> QueryDict:
    """What a browser without scripts would send of that form: its successful controls as they stand."""
    form = re.search(rf'<form[^>]*id="{form_id}".*?</form>', page, re.DOTALL)
    assert form is not None
    sent = QueryDict(mutable=True)
    for tag, inner in re.findall(r"<(input|select|textarea)\b([^>]*)>", form.group()):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', inner))
        if "name" not in attributes:
            continue
        name = attributes["name"]
        if tag == "input" and attributes.get("type") in {"checkbox", "radio"}:
            if re.search(r"\schecked\b", inner):
                sent.appendlist(name, html.unescape(attributes.get("value", "on")))
        elif tag == "input":
            sent.appendlist(name, html.unescape(attributes.get("value", "")))
        elif tag == "select":
            body = form.group().split(f'name="{name}"', 1)[1].split("</select>", 1)[0]
            chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
            sent.appendlist(name, chosen.group(1) if chosen else "")
        else:
            body = form.group().split(f'name="{name}"', 1)[1].split(">", 1)[1].split("</textarea>", 1)[0]
            sent.appendlist(name, html.unescape(body.removeprefix("\n")))
    return sent


def post(client: Client, address: str, fields: QueryDict, **changed: Any) -> Any:
    """Sends the fields, some of them changed; a name's underscores stand for its hyphens and dots as `c__0__op`."""
    data = {name: fields.getlist(name) for name in fields} | {name.replace("__", "."): value for name, value in changed.items()}
    return client.post(address, data)


@pytest.fixture
def draft(cast: Cast) -> PolicyVersion:
    """A draft of the administrator's, from the version in force, begun by the button."""
    cast.client("admin").post("/console/policy/", {"based_on": "2"})
    return PolicyVersion.objects.get(number=3)


@settings(deadline=None, max_examples=40)
@given(documents(), FACTS)
def test_every_rule_survives_the_way_through_its_fields(written_rules: list[dict[str, Any]], facts: Facts) -> None:
    document = parse(written_rules)
    rules = document.as_json()
    forms = [RuleForm.of(rule, is_last=number == len(rules) - 1) for number, rule in enumerate(rules)]
    again = parse([form.rule(["customers", "internal"]) for form in forms])
    before, after = decide(document, facts, 1).as_json(), decide(again, facts, 1).as_json()
    if before["embargo"] and before["embargo"]["until"]:
        before["embargo"]["until"] = after["embargo"]["until"]
    assert {name: sorted(map(str, value)) if name == "reviews" else value for name, value in after.items()} == {
        name: sorted(map(str, value)) if name == "reviews" else value for name, value in before.items()
    } | {"cadence_by_audience": after["cadence_by_audience"]}


def test_conditions_are_added_and_removed_by_buttons() -> None:
    tree = acted(tree_of({}), "add:c", "severity")
    tree.parts[0].values = ["SEV1"]
    tree = acted(tree, "add:c", "group")
    tree = acted(tree, "add:c.1", "tags")
    tree.parts[1].parts[0].text = "pci, gdpr"
    assert written(tree) == {
        "all": [
            {"fact": "severity", "op": "in", "value": ["SEV1"]},
            {"any": [{"fact": "tags", "op": "includes_any", "value": ["pci", "gdpr"]}]},
        ]
    }
    tree = acted(acted(acted(tree, "remove:c.0", ""), "remove:nonsense", ""), "add:c.0", "weather")
    assert written(tree) == {"any": [{"fact": "tags", "op": "includes_any", "value": ["pci", "gdpr"]}]}


def test_the_last_rule_stays_last() -> None:
    rules = [{"key": key} for key in "abcz"]
    assert [rule["key"] for rule in moved(rules, "c", 1)] == list("abcz")
    assert [rule["key"] for rule in moved(rules, "a", -1)] == list("abcz")
    assert [rule["key"] for rule in moved(rules, "z", -1)] == list("abcz")
    assert [rule["key"] for rule in moved(rules, "b", -1)] == list("bacz")
    assert [rule["key"] for rule in without(rules, "z")] == list("abcz")
    assert [rule["key"] for rule in placed(rules, None, {"key": "new"})] == ["a", "b", "c", "new", "z"]


@pytest.mark.django_db
def test_the_policy_in_force_is_read_in_words_with_every_version(cast: Cast) -> None:
    page = cast.client("responder").get("/console/policy/").content.decode()
    assert "In force: version 2" in page
    assert "severity is SEV1 and customers can notice it" in page
    assert "shipped with the product" in page
    assert "Start a draft" not in page


@pytest.mark.django_db
def test_a_draft_is_begun_reordered_and_thinned_by_buttons(cast: Cast, draft: PolicyVersion) -> None:
    admin = cast.client("admin")
    first, second = (rule["key"] for rule in draft.rules[:2])
    admin.post("/console/policy/3/", {"act": f"down:{first}", "revision": "1"})
    admin.post("/console/policy/3/", {"act": f"remove:{first}", "revision": "2"})
    draft.refresh_from_db()
    assert draft.rules[0]["key"] == second
    assert first not in [rule["key"] for rule in draft.rules]
    stale = admin.post("/console/policy/3/", {"act": f"remove:{second}", "revision": "2"}, follow=True).content.decode()
    assert "Somebody saved this draft meanwhile" in stale


@pytest.mark.django_db
def test_a_rule_that_never_decides_says_so_beside_it(cast: Cast, draft: PolicyVersion) -> None:
    admin = cast.client("admin")
    admin.post("/console/policy/3/", {"act": "up:watching", "revision": "1"})
    page = admin.get("/console/policy/3/").content.decode()
    assert "This rule never decides." in page
    assert "“watching” above takes everything it would take" in page


@pytest.mark.django_db
def test_a_new_rule_is_written_without_json_and_without_scripts(cast: Cast, draft: PolicyVersion) -> None:
    admin, address = cast.client("admin"), "/console/policy/3/add-rule/"
    fields = fields_on(admin.get(address).content.decode())
    fields = fields_on(post(admin, address, fields, act="add:c", **{"c-add": "severity"}).content.decode())
    fields = fields_on(post(admin, address, fields, act="add:c", **{"c-add": "group"}).content.decode())
    fields = fields_on(post(admin, address, fields, act="add:c.1", **{"c.1-add": "elapsed_minutes"}).content.decode())
    fields["c.1.0-text"] = "120"
    fields.setlist("c.0-value", ["SEV1", "SEV2"])
    fields["key"] = "after-two-hours"
    looked = post(admin, address, fields, act="look").content.decode()
    assert "severity is SEV1 or SEV2 and it has lasted 2 h or longer" in looked
    answer = post(admin, address, fields_on(looked), act="save")
    assert answer.status_code == 302
    assert answer["Location"] == "/console/policy/3/#rule-after-two-hours"
    rule = document_of(PolicyVersion.objects.get(number=3)).rules[-1]
    assert rule.key == "after-two-hours"
    assert rule.words.startswith("When severity is SEV1 or SEV2")
    assert rule.then.as_json() == NEW_RULE["then"]


@pytest.mark.django_db
def test_mistakes_stand_beside_their_fields_and_what_was_typed_stays(cast: Cast, draft: PolicyVersion) -> None:
    admin, address = cast.client("admin"), "/console/policy/3/rules/customer-sev1/"
    fields = fields_on(admin.get(address).content.decode())
    fields["cadence-investigating"] = "soon"
    fields["embargo"] = "minutes"
    answer = post(admin, address, fields, act="save")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="soon"' in page
    assert "cadence gives whole minutes" in page
    assert "embargo must give either" in page
    fields.setlist("c.0-value", [])
    assert "severity must list one or more" in post(admin, address, fields, act="save").content.decode()
    draft.refresh_from_db()
    assert draft.revision == 1


@pytest.mark.django_db
def test_a_rule_opened_and_saved_unchanged_is_unchanged(cast: Cast, draft: PolicyVersion) -> None:
    admin = cast.client("admin")
    for rule in draft.rules:
        address = f"/console/policy/3/rules/{rule['key']}/"
        assert post(admin, address, fields_on(admin.get(address).content.decode()), act="save").status_code == 302
    draft.refresh_from_db()
    assert {change.kind for change in compare(document_of(active_policy()), document_of(draft))} == {ChangeKind.SAME}


@pytest.mark.django_db
def test_what_a_rule_does_is_said_as_it_is_typed(cast: Cast, draft: PolicyVersion) -> None:
    admin = cast.client("admin")
    fields = fields_on(admin.get("/console/policy/3/rules/customer-sev1/").content.decode())
    fields["cadence-investigating"] = "20"
    said = post(admin, "/console/policy/3/rules/customer-sev1/explain/", fields).content.decode()
    assert "within 20 min while investigating" in said
    fields["cadence-investigating"] = "0"
    assert "cadence gives whole minutes" in post(admin, "/console/policy/3/rules/customer-sev1/explain/", fields).content.decode()
    new = fields_on(admin.get("/console/policy/3/add-rule/").content.decode())
    assert "the key must be" in post(admin, "/console/policy/3/add-rule/explain/", new).content.decode()


@pytest.mark.django_db
def test_a_version_is_compared_in_words(cast: Cast, draft: PolicyVersion) -> None:
    page = cast.client("auditor").get("/console/policy/3/compare/?with=1").content.decode()
    assert "long incident" not in page
    assert "<ins>" in page
    assert "Both say the same" in cast.client("auditor").get("/console/policy/3/compare/").content.decode()


@pytest.mark.django_db
def test_putting_a_version_in_force_says_first_what_changes_for_how_many(cast: Cast, draft: PolicyVersion) -> None:
    make_incident(actor=cast.actor("commander"))
    make_incident(actor=cast.actor("commander"), severity="SEV4")
    admin, commander = cast.client("admin"), cast.client("commander")
    fields = fields_on(admin.get("/console/policy/3/rules/customer-sev1/").content.decode())
    fields["cadence-investigating"] = "20"
    post(admin, "/console/policy/3/rules/customer-sev1/", fields, act="save")
    admin.post("/console/policy/3/", {"act": "propose"})
    own = admin.get("/console/policy/3/confirm/").content.decode()
    assert "You changed this version last" in own
    assert "Put version 3 in force:" not in own
    assert admin.post("/console/policy/3/confirm/").status_code == 403
    page = commander.get("/console/policy/3/confirm/").content.decode()
    assert "Put version 3 in force: 2 open incidents decided again, 1 otherwise" in page
    assert "within 20 min while investigating" in page
    commander.post("/console/policy/3/confirm/")
    assert active_policy().number == 3
    assert "policy.activated" in audit_types()


@pytest.mark.django_db
def test_confirming_without_a_fresh_password_asks_for_it(cast: Cast, draft: PolicyVersion) -> None:
    cast.client("admin").post("/console/policy/3/", {"act": "propose"})
    client = Client()
    client.force_login(cast.commander, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/console/policy/3/confirm/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert active_policy().number == 2


@pytest.mark.django_db
def test_made_up_facts_are_decided_with_the_reasons(cast: Cast) -> None:
    address = "/console/policy/2/try/?severity=SEV3&stage=confirmed&customer_facing=on&category=application&elapsed_minutes=5&tags=pci"
    page = cast.client("legal").get(address).content.decode()
    assert '<span class="big">customer-sev3</span>' in page
    assert "it asks that severity is SEV1; here severity is SEV3" in page
    wrong = cast.client("legal").get("/console/policy/2/try/?severity=SEV9&elapsed_minutes=soon").content.decode()
    assert "Give whole minutes" in wrong


@pytest.mark.django_db
def test_rules_leave_and_come_back_as_json(cast: Cast) -> None:
    admin = cast.client("admin")
    file = admin.get("/console/policy/2/export/")
    assert "policy-2.json" in file["Content-Disposition"]
    answer = admin.post("/console/policy/import/", {"text": file.content.decode(), "note": "Back again."})
    assert answer["Location"] == "/console/policy/3/"
    assert PolicyVersion.objects.get(number=3).rules == active_policy().rules
    wrong = admin.post("/console/policy/import/", {"text": json.dumps([{**GOOD[0], "words": ""}])})
    assert wrong.status_code == 422
    assert "Rule 1 “worst”: words must say" in html.unescape(wrong.content.decode())


@pytest.mark.django_db
def test_a_draft_can_be_thrown_away_withdrawn_and_noted(cast: Cast, draft: PolicyVersion) -> None:
    admin = cast.client("admin")
    admin.post("/console/policy/3/", {"act": "note", "note": "Shorter rhythm.", "revision": "1"})
    admin.post("/console/policy/3/", {"act": "propose"})
    assert "stays as it is" in admin.get("/console/policy/3/rules/watching/").content.decode()
    admin.post("/console/policy/3/", {"act": "withdraw"})
    draft.refresh_from_db()
    assert (draft.state, draft.note) == ("draft", "Shorter rhythm.")
    assert "Choose one of the buttons" in admin.post("/console/policy/3/", {"act": "explode"}, follow=True).content.decode()
    admin.post("/console/policy/3/", {"act": "throw-away"})
    assert not PolicyVersion.objects.filter(number=3).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["outsider", "auditor"])
def test_others_write_nothing(cast: Cast, draft: PolicyVersion, name: str) -> None:
    client = cast.client(name)
    refused = {403, 404}
    assert client.post("/console/policy/", {"based_on": "2"}).status_code in refused
    assert client.post("/console/policy/import/", {"text": "[]"}).status_code in refused
    for act in ("propose", "throw-away", "remove:watching"):
        assert client.post("/console/policy/3/", {"act": act, "revision": "1"}).status_code in refused
    assert client.get("/console/policy/3/rules/watching/").status_code in refused
    assert client.post("/console/policy/3/add-rule/", {}).status_code in refused
    assert client.post("/console/policy/3/confirm/").status_code in refused
    draft.refresh_from_db()
    assert (draft.state, draft.revision) == ("draft", 1)
