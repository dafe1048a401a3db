"""An incident's urgency follows its facts; a decision stored before there was urgency reads as its facts say."""

import pytest

from incidents.models import PolicyDecision
from incidents.queries import current_decision, decision_value
from incidents.rules.dry_run import Decided, Trial
from policies.queries import active_policy
from policies.rules.document import parse
from policies.rules.urgency import Urgency
from tests.support.cast import Cast
from tests.support.factories import make_incident

pytestmark = pytest.mark.django_db


def test_a_stored_decision_without_urgency_reads_as_its_facts_say(cast: Cast) -> None:
    row = current_decision(make_incident(severity="SEV1"))
    assert decision_value(row).urgency is Urgency.CRITICAL
    older = PolicyDecision(facts=row.facts, consequences={name: value for name, value in row.consequences.items() if name != "urgency"})
    assert decision_value(older).urgency is Urgency.CRITICAL


def test_a_dry_run_counts_a_rules_urgency_only_where_it_differs_from_what_the_facts_said(cast: Cast) -> None:
    row = current_decision(make_incident(severity="SEV1"))
    rules = active_policy().rules
    stored = {name: value for name, value in row.consequences.items() if name != "urgency"}
    decided = Decided(row.facts, stored, row.rule_key, row.rule_words)
    for urgency, differs in (("critical", False), ("low", True), (None, False)):
        changed = [rule | {"then": rule["then"] | {"urgency": urgency}} for rule in rules]
        found = Trial(parse(changed)).look_at([decided])
        assert (found is not None) is differs
        if found is not None:
            assert (found.before["urgency"], found.after["urgency"]) == ("critical", "low")
