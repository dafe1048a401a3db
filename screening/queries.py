"""The rule set in force, and what it finds in the wording of an update."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import Conflict, NotFound
from screening.models import RuleSetVersion
from screening.rules.check import check
from screening.rules.findings import Finding, Found, ScreeningFacts, Written
from screening.rules.rule_set import RuleSet, parse
from stakeholders.queries import internal_audience_keys


def active_rule_set() -> RuleSetVersion:
    """The version in force. Raises `Conflict` when none is, which only a hand in the database can bring about."""
    version = RuleSetVersion.objects.filter(state="active").first()
    if version is None:
        raise Conflict("No screening rule set is in force. Activate a version first.", code="no_active_rule_set")
    return version


def rules_of(version: RuleSetVersion) -> RuleSet:
    """The version ready for use; making it ready is remembered."""
    return _parsed(json.dumps(version.document, sort_keys=True))


@lru_cache(maxsize=8)
def _parsed(document: str) -> RuleSet:
    return parse(json.loads(document))


def findings_for(
    wordings: Mapping[str, Mapping[str, Written]],
    *,
    status: str = "",
    cause_confidence: str | None = None,
    rules: RuleSet | None = None,
) -> list[Found]:
    """Everything the rule set in force (or `rules`) finds in wording per audience and language, in that order.

    An audience that does not exist counts as outside.
    """
    inside = internal_audience_keys()
    chosen = rules_of(active_rule_set()) if rules is None else rules
    return list(_findings(wordings, inside, status, cause_confidence, chosen))


def _findings(
    wordings: Mapping[str, Mapping[str, Written]], inside: frozenset[str], status: str, cause_confidence: str | None, rules: RuleSet
) -> Iterator[Found]:
    for audience, by_language in sorted(wordings.items()):
        for language, wording in sorted(by_language.items()):
            facts = ScreeningFacts(
                audience_internal=audience in inside,
                status=status,
                cause_confidence=cause_confidence,
                language=language,
                audience=audience,
            )
            for finding in check(wording, facts, rules):
                yield Found(audience, language, finding)


@dataclass(frozen=True)
class Words:
    """A title and a body that belong to no update."""

    title: str
    body: str


def check_words(
    *, version: RuleSetVersion, title: str, body: str, audience: str = "", cause_confidence: str | None = None
) -> tuple[Finding, ...]:
    """What that version finds in these words, read as the audience would; without one, as readers outside would."""
    inside = bool(audience) and audience in internal_audience_keys()
    facts = ScreeningFacts(audience_internal=inside, cause_confidence=cause_confidence, audience=audience)
    return check(Words(title, body), facts, rules_of(version))


def visible_rule_sets(actor: Actor) -> "QuerySet[RuleSetVersion]":
    """Every version, newest first; raises `Forbidden` without the permission to read the policy."""
    actor.require(Permission.POLICY_READ)
    return RuleSetVersion.objects.select_related("created_by", "activated_by")


def visible_rule_set(actor: Actor, number: int) -> RuleSetVersion:
    """One version; raises `NotFound` or `Forbidden`."""
    found = visible_rule_sets(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def draft_rule_set() -> RuleSetVersion | None:
    """The version being written, if there is one."""
    return RuleSetVersion.objects.filter(state="draft").first()
