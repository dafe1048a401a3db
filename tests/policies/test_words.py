"""What is said of a rule, of why it did not decide, and of how two versions differ."""

from typing import Any

import pytest
from hypothesis import given, settings

from policies.rules.compare import ChangeKind, compare
from policies.rules.decide import decide
from policies.rules.document import Rule, parse
from policies.rules.explain import condition_in_words, in_words, span
from policies.rules.facts import Facts
from policies.rules.why import steps
from tests.policies.strategies import FACTS, documents, rules_of
from tests.policies.test_document import GOOD, changed

FACTS_NOW = Facts("SEV3", "minor", "confirmed", "investigating", "third_party", customer_facing=True, restricted=False, tags=("pci",))


def rule(when: dict[str, Any], **then: Any) -> Rule:
    return parse(rules_of([when], [GOOD[0]["then"] | then, GOOD[1]["then"]])).rules[0]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"severity": ["SEV1"]}, "severity is SEV1"),
        ({"severity": ["SEV1", "SEV2"], "customer_facing": True}, "severity is SEV1 or SEV2 and customers can notice it"),
        ({"fact": "category", "op": "not_in", "value": ["third_party", "other"]}, "category is neither third party nor other"),
        ({"fact": "impact", "op": "at_least", "value": "major"}, "impact is major or worse"),
        ({"fact": "severity", "op": "at_most", "value": "SEV3"}, "severity is SEV3 or milder"),
        ({"fact": "outage_scope", "op": "at_least", "value": "partial"}, "outage scope is partial or more"),
        ({"fact": "elapsed_minutes", "op": "at_least", "value": 240}, "it has lasted 4 h or longer"),
        ({"fact": "expected_minutes", "op": "at_most", "value": 90}, "it is expected to be resolved within 1 h 30 min"),
        ({"fact": "expected_minutes", "op": "is_empty", "value": True}, "nobody has said when it will be resolved"),
        ({"fact": "data_breach", "op": "is_not", "value": True}, "it is not flagged as a data breach"),
        ({"fact": "tags", "op": "includes_all", "value": ["pci", "eu"]}, "it is tagged pci and eu"),
        ({"fact": "components", "op": "is_empty", "value": False}, "a component is affected"),
        (
            {"all": [{"restricted": True}, {"any": [{"data_breach": True}, {"regulated_system": True}]}]},
            "it is restricted and (it is flagged as a data breach or a regulated system is affected)",
        ),
        ({"not": {"any": [{"restricted": True}, {"severity": ["SEV4"]}]}}, "none of these holds: it is restricted; severity is SEV4"),
        ({"not": {"severity": ["SEV4"]}}, "it is not so that severity is SEV4"),
    ],
)
def test_a_condition_reads_as_people_would_say_it(when: dict[str, Any], said: str) -> None:
    assert condition_in_words(rule(when).when) == said


def test_everything_a_rule_decides_is_said() -> None:
    said = in_words(
        rule(
            {"severity": ["SEV1"]},
            cadence={"investigating": 15, "monitoring": 120},
            cadence_by_audience={"internal": {"investigating": 10}},
            long_incident={"after_minutes": 480, "cadence": {"investigating": 60}},
            promise_bounds=[10, 240],
            watching_audiences=["internal"],
            training_required=True,
            forbidden_channels=["sms"],
            embargo={"minutes_after_opening": 30, "audiences": ["customers"]},
            required_templates={"customers": "breach"},
            override_fills_legal=True,
        )
    )
    assert said == (
        "When severity is SEV1. Updates are required. "
        "The next update is promised within 15 min while investigating and 2 h while monitoring. "
        "For internal the next update is promised within 10 min while investigating. "
        "From 8 h on the next one is promised within 1 h while investigating. "
        "Promising less than 10 min or more than 4 h needs a reason. Goes to customers. "
        "While it is only watched, internal may be told and nothing is published. "
        "Reviewed by technical within 15 min and communications within 30 min, by people whose training is current. Never sent by SMS. "
        "Nothing goes to customers in the first 30 min after the incident was opened. "
        "The first draft for customers starts from the template “breach”. "
        "A dispute is ruled on within 15 min; an override is ratified within 24 h; a release more than 15 min late waits for a person. "
        "An override by somebody with the legal role stands in for legal's review."
    )


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 min"), (45, "45 min"), (60, "1 h"), (90, "1 h 30 min"), (1440, "24 h"), (4320, "3 days")]
)
def test_a_span_of_time_is_said_shortly(minutes: int, said: str) -> None:
    assert span(minutes) == said


def test_why_the_rules_above_did_not_decide() -> None:
    document = parse(
        rules_of(
            [
                {"severity": ["SEV1"], "customer_facing": True},
                {"any": [{"data_breach": True}, {"fact": "tags", "op": "includes_any", "value": ["gdpr"]}]},
                {"not": {"category": ["third_party"]}},
                {"category": ["third_party"]},
            ],
            [GOOD[0]["then"]] * 5,
        )
    )
    first, second, third, last = steps(document, FACTS_NOW)
    assert first.reasons == ("it asks that severity is SEV1; here severity is SEV3",)
    assert second.reasons == ("none of these holds: it is flagged as a data breach; it is tagged gdpr",)
    assert third.reasons == ("it must not be that category is third party; here it is",)
    assert (last.rule.key, last.decided, last.reasons) == ("rule-3", True, ())


@settings(deadline=None)
@given(documents(), FACTS)
def test_a_rule_that_does_not_decide_always_has_a_reason(written: list[dict[str, Any]], facts: Facts) -> None:
    document = parse(written)
    walked = steps(document, facts)
    assert walked[-1].decided
    assert walked[-1].rule.key == decide(document, facts, 1).rule_key
    assert all(step.reasons and not step.decided for step in walked[:-1])


def test_two_versions_are_compared_rule_by_rule() -> None:
    old = parse([{**GOOD[0], "key": key, "when": {"severity": [key.upper()]}} for key in ("sev1", "sev2", "sev3")] + [GOOD[1]])
    written = old.as_json()
    written[0]["then"]["cadence"] = {"investigating": 20}
    new = parse([written[2], written[0], {**GOOD[0], "key": "new", "when": {"restricted": True}}, GOOD[1]])
    changes = {change.key: change for change in compare(old, new)}
    assert {key: change.kind for key, change in changes.items()} == {
        "sev3": ChangeKind.MOVED,
        "sev1": ChangeKind.CHANGED,
        "new": ChangeKind.ADDED,
        "otherwise": ChangeKind.SAME,
        "sev2": ChangeKind.REMOVED,
    }
    assert ("del", "The next update is promised within 15 min while investigating.") in changes["sev1"].parts
    assert ("ins", "The next update is promised within 20 min while investigating.") in changes["sev1"].parts
    assert (changes["sev2"].old_position, changes["sev2"].new_position) == (2, None)


@settings(deadline=None)
@given(documents(), FACTS)
def test_what_reads_the_same_decides_the_same(written: list[dict[str, Any]], facts: Facts) -> None:
    document = parse(written)
    again = parse(document.as_json())
    assert {change.kind for change in compare(document, again)} == {ChangeKind.SAME}
    assert decide(again, facts, 1) == decide(document, facts, 1)


def test_a_change_of_words_alone_is_a_change() -> None:
    new = parse(changed(0, "words", to="Said otherwise."))
    assert [change.kind for change in compare(parse(GOOD), new)] == [ChangeKind.CHANGED, ChangeKind.SAME]
