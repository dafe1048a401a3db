"""The policy in force, what it decides, and the versions there are."""

import json
from functools import lru_cache

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from core.errors import Conflict, NotFound
from policies.models import PolicyVersion, PolicyVersionAuthor
from policies.rules.decide import decide
from policies.rules.decision import Decision
from policies.rules.document import Document, parse
from policies.rules.facts import Facts


def active_policy() -> PolicyVersion:
    """The version in force. Raises `Conflict` when none is, which only a hand in the database can bring about."""
    version = PolicyVersion.objects.filter(state="active").first()
    if version is None:
        raise Conflict("No policy is in force. Activate a version first.", code="no_active_policy")
    return version


def decide_for(facts: Facts) -> Decision:
    """What the policy in force decides over these facts. Its rules are read once per version and process."""
    # The rules may be long, and mostly they have been read before: they are only fetched when they have not.
    version = PolicyVersion.objects.filter(state="active").defer("rules").first() or active_policy()
    return decide(document_of(version), facts, version.number)


def document_of(version: PolicyVersion) -> Document:
    """The version's rules. Those of a version in force are read once and remembered. Raises `InvalidDocument` for what is no policy."""
    return _read(_Reading(version)) if version.state == "active" else parse(version.rules)


class _Reading:
    """A version under what identifies its state, so that reading can be remembered by it."""

    def __init__(self, version: PolicyVersion) -> None:
        self.version = version
        self.key = (version.pk, version.number, version.revision, version.created_at)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reading) and self.key == other.key


@lru_cache(maxsize=8)
def _read(reading: _Reading) -> Document:
    return parse(reading.version.rules)


def visible_versions(actor: Actor) -> "QuerySet[PolicyVersion]":
    """Every version, newest first; raises `Forbidden` without the permission to read the policy."""
    actor.require(Permission.POLICY_READ)
    return PolicyVersion.objects.select_related("created_by", "proposed_by", "activated_by", "based_on")


def visible_version(actor: Actor, number: int) -> PolicyVersion:
    """One version; raises `NotFound` or `Forbidden`."""
    found = visible_versions(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def authors_of(version: PolicyVersion) -> list[PolicyVersionAuthor]:
    """Who wrote at it; the one who changed it last stands last."""
    return list(version.authors.select_related("user"))


def why_not_activate(version: PolicyVersion, user: User) -> str | None:
    """Why this person may not put the version in force, or `None`. The database holds the same rule (`policies_two_people`)."""
    if version.state != "proposed":
        return f"Version {version.number} is {version.state}: only a proposed version can be put in force."
    authors = authors_of(version)
    if authors and person_of(authors[-1].user) == person_of(user):
        return "You changed this version last: somebody else confirms it, so that two people have read it as it is."
    return None


def person_of(user: User) -> str:
    """Who the account belongs to; equal for all accounts of one human."""
    return str(getattr(user, "person", None) or user.pk)


def export_document(version: PolicyVersion) -> str:
    """The rules as JSON text, as `import_document` takes it."""
    return json.dumps(version.rules, indent=2, ensure_ascii=False) + "\n"
