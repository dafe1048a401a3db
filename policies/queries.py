"""The policy in force, what it decides, and the versions there are."""

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import Conflict, NotFound
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


def visible_versions(actor: Actor) -> "QuerySet[PolicyVersion]":
    """Every version, newest first; raises `Forbidden` without the permission to read the policy."""
    actor.require(Permission.POLICY_READ)
    return PolicyVersion.objects.select_related("created_by", "activated_by")


def visible_version(actor: Actor, number: int) -> PolicyVersion:
    """One version; raises `NotFound` or `Forbidden`."""
    found = visible_versions(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found
