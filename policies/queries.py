"""The policy in force and what it decides."""

from core.errors import Conflict
from policies.models import PolicyVersion
from policies.rules.decide import decide
from policies.rules.decision import Decision
from policies.rules.document import parse
from policies.rules.facts import Facts


def active_policy() -> PolicyVersion:
    """The version in force. Raises `Conflict` when none is, which only a hand in the database can bring about."""
    version = PolicyVersion.objects.filter(state="active").first()
    if version is None:
        raise Conflict("No policy is in force. Activate a version first.", code="no_active_policy")
    return version


def decide_for(facts: Facts) -> Decision:
    """What the policy in force decides over these facts."""
    version = active_policy()
    return decide(parse(version.rules), facts, version.number)
