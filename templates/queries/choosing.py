"""Which template serves: the rules in force, then the place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.actors import Actor
from accounts.rules.roles import Permission
from policies.rules.facts import KNOWN_WORDS
from stakeholders.queries import audience_keys
from templates.models import TemplateRule, TemplateRuleSet, TemplateVersion, UpdateTemplate
from templates.rules.mapping import Because, Choice, Found, Gap, Rule, choose, unmapped


@dataclass(frozen=True)
class TemplateMap:
    """Everything a choice reads, fetched once. `version` is that of the rules; 0 while there are none."""

    version: int
    rows: tuple[TemplateRule, ...]
    rules: tuple[Rule, ...]
    templates: Mapping[str, UpdateTemplate]
    choices: tuple[Choice, ...]

    def find(self, *, category: str, status: str, audience: str, tags: Iterable[str] = ()) -> Found:
        """What an incident gets for one status and one audience, and why."""
        return choose(rules=self.rules, templates=self.choices, category=category, status=status, audience=audience, tags=frozenset(tags))


def template_map() -> TemplateMap:
    """The rules and templates in force. A rule whose template was retired since is passed over."""
    templates = {template.key: template for template in UpdateTemplate.objects.filter(retired_at__isnull=True)}
    rule_set = TemplateRuleSet.objects.first()
    rows = tuple(rule_set.rules.select_related("template").filter(template__retired_at__isnull=True)) if rule_set else ()
    return TemplateMap(
        version=rule_set.version if rule_set else 0,
        rows=rows,
        rules=tuple(Rule(row.category, frozenset(row.tags), _choice(row.template)) for row in rows),
        templates=templates,
        choices=tuple(_choice(template) for template in templates.values()),
    )


def template_for(category: str, status: str, audience_key: str, tags: Iterable[str] = (), *, required: str = "") -> TemplateVersion | None:
    """The newest version of the template that an incident of this category with these tags gets.

    `required` is the key that the policy demands for this audience; it serves where it is written for this status and audience.
    """
    demanded = template_by_key(required) if required else None
    if demanded is not None and (demanded.template.status, demanded.template.audience_key) == (status, audience_key):
        return demanded
    found = template_map().find(category=category, status=status, audience=audience_key, tags=tags)
    return template_by_key(found.key) if found.because is not Because.NOTHING else None


def template_by_key(key: str) -> TemplateVersion | None:
    """The newest version of the template with that key, unless it is retired or there is none."""
    versions = TemplateVersion.objects.filter(template__key=key, template__retired_at__isnull=True)
    return versions.select_related("template").order_by("-number").first()


def rules_in_force() -> list[TemplateRule]:
    """The newest state of the rules, in order, those of retired templates too."""
    rule_set = TemplateRuleSet.objects.first()
    return list(rule_set.rules.select_related("template")) if rule_set else []


def visible_rules(actor: Actor) -> TemplateMap:
    """The map; raises `Forbidden` without the permission to read templates."""
    actor.require(Permission.TEMPLATE_READ)
    return template_map()


def unmapped_categories(found: TemplateMap | None = None) -> dict[str, list[Gap]]:
    """Categories that nothing was written for, each with what serves instead; see `templates.rules.mapping.unmapped`."""
    found = found or template_map()
    return unmapped(
        rules=found.rules,
        templates=found.choices,
        categories=KNOWN_WORDS["category"],
        statuses=list(KNOWN_WORDS["status"]),
        audiences=audience_keys(),
    )


def _choice(template: UpdateTemplate) -> Choice:
    return Choice(template.key, template.category, template.status, template.audience_key, template.only_by_rule)
