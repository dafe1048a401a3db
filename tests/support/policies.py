"""Putting a policy in force, as two people do it."""

import copy
from typing import Any

from policies.models import PolicyVersion
from policies.queries import active_policy
from policies.services import activate_version, propose_version
from policies.services.drafts import create_draft
from tests.support.cast import NOW, Cast


def rules_in_force(**then: Any) -> list[dict[str, Any]]:
    """A copy of the rules in force, to change; `then` is put into the consequences of every one of them."""
    rules: list[dict[str, Any]] = copy.deepcopy(active_policy().rules)
    for rule in rules:
        rule["then"] |= then
    return rules


def put_in_force(cast: Cast, rules: list[dict[str, Any]]) -> PolicyVersion:
    """The administrator writes and proposes them, the commander confirms."""
    draft = create_draft(actor=cast.actor("admin"), now=NOW, rules=rules)
    propose_version(actor=cast.actor("admin"), now=NOW, version=draft)
    return activate_version(actor=cast.actor("commander", stepped_up=True), now=NOW, version=draft)
