"""Changing which template an event gets. The list is saved as a whole; earlier states stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import InvalidInput, StaleRevision
from policies.rules.facts import KNOWN_WORDS
from templates.models import TemplateRule, TemplateRuleSet, UpdateTemplate
from templates.rules.keys import TAG

MOST_RULES = 200
MOST_TAGS = 10


@dataclass(frozen=True)
class RuleInput:
    """One rule as given. An empty category means any; all tags must be there; `template` is a key."""

    category: str
    tags: tuple[str, ...]
    template: str


def save_rules(*, actor: Actor, now: datetime, rules: Sequence[RuleInput], base: int | None = None) -> TemplateRuleSet | None:
    """The next version of the list; the one in force when nothing differs (`None` while there is none and none is given).

    `base` is the version that was edited. Raises `StaleRevision` when another was saved meanwhile, `InvalidInput` naming
    the place at fault (`rules.0.template`), `Forbidden`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.TEMPLATE_WRITE)
        newest = TemplateRuleSet.objects.select_for_update(no_key=True).first()
        version = newest.version if newest else 0
        if base is not None and base != version:
            raise StaleRevision(f"Version {version} of the rules was saved meanwhile. Look at it, then save yours against it.")
        known = {template.key: template for template in UpdateTemplate.objects.filter(retired_at__isnull=True)}
        if found := _problems(rules, known):
            raise InvalidInput("Correct the places named and send again.", fields=found)
        tidy = [RuleInput(rule.category, tuple(sorted(set(rule.tags))), rule.template) for rule in rules]
        there = newest.rules.select_related("template") if newest else []
        if [RuleInput(row.category, tuple(row.tags), row.template.key) for row in there] == tidy:
            return newest
        try:
            with transaction.atomic():
                saved = TemplateRuleSet.objects.create(version=version + 1, author=actor.user, created_at=now)
        except IntegrityError as error:
            raise StaleRevision("Somebody else saved the rules at the same moment. Look at theirs, then save yours.") from error
        TemplateRule.objects.bulk_create(
            TemplateRule(rule_set=saved, position=position, category=rule.category, tags=list(rule.tags), template=known[rule.template])
            for position, rule in enumerate(tidy, start=1)
        )
        work.record(
            "template_rules.saved",
            subject="template-rules",
            body={
                "version": saved.version,
                "rules": [{"category": rule.category, "tags": list(rule.tags), "template": rule.template} for rule in tidy],
            },
        )
        return saved


def _problems(rules: Sequence[RuleInput], known: dict[str, UpdateTemplate]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if len(rules) > MOST_RULES:
        found["rules"] = [f"Give at most {MOST_RULES} rules."]
    for number, rule in enumerate(rules):
        place = f"rules.{number}"
        if rule.category and rule.category not in KNOWN_WORDS["category"]:
            found[f"{place}.category"] = [f"Choose one of {', '.join(KNOWN_WORDS['category'])}, or leave it empty for any."]
        if len(rule.tags) > MOST_TAGS or any(not TAG.fullmatch(tag) for tag in rule.tags):
            found[f"{place}.tags"] = [
                f"Give up to {MOST_TAGS} tags of small letters, digits, hyphens and underscores, each of up to 40 characters."
            ]
        if not rule.category and not rule.tags:
            found[f"{place}.tags"] = ["Name a category, a tag, or both: what every incident gets is the template of the place."]
        template = known.get(rule.template)
        if template is None:
            found[f"{place}.template"] = [f"There is no template with the key “{rule.template}”."]
        elif template.category not in {"", rule.category} and rule.category:
            found[f"{place}.template"] = [
                f"“{template.name}” is written for {template.category} incidents, the rule asks for {rule.category}."
            ]
    return found
