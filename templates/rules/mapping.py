"""Which template an event gets: ordered rules by category and tags, then the template of the place.

A rule names one template, and with it the status and audience it is for. The first rule that matches decides; without
one, a template of the very category beats one for any category.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Choice:
    """A template as the choice sees it. An empty `category` serves any."""

    key: str
    category: str
    status: str
    audience: str
    only_by_rule: bool = False


@dataclass(frozen=True)
class Rule:
    """Incidents of `category` (empty: any) with all of `tags` get `template`."""

    category: str
    tags: frozenset[str]
    template: Choice

    def matches(self, *, category: str, tags: frozenset[str]) -> bool:
        """Whether an incident with this category and these tags is meant."""
        return self.category in {"", category} and self.tags <= tags


class Because(StrEnum):
    """Why a template is the one."""

    RULE = "rule"
    CATEGORY = "category"
    ANY = "any"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Found:
    """The answer: the template's key (empty for none), why, and the position of the rule that decided (from 1)."""

    key: str
    because: Because
    position: int = 0


def choose(*, rules: Sequence[Rule], templates: Iterable[Choice], category: str, status: str, audience: str, tags: frozenset[str]) -> Found:
    """What an incident gets for one status and one audience."""
    for position, rule in enumerate(rules, start=1):
        fits = (rule.template.status, rule.template.audience) == (status, audience)
        if fits and rule.matches(category=category, tags=tags):
            return Found(rule.template.key, Because.RULE, position)
    placed = {
        template.category: template.key
        for template in templates
        if (template.status, template.audience) == (status, audience) and not template.only_by_rule
    }
    if category in placed and category:
        return Found(placed[category], Because.CATEGORY)
    return Found(placed[""], Because.ANY) if "" in placed else Found("", Because.NOTHING)


def never_reached(rules: Sequence[Rule]) -> dict[int, int]:
    """Positions (from 1) of rules that an earlier one always comes before, each with that earlier rule's position."""
    hidden: dict[int, int] = {}
    for position, rule in enumerate(rules, start=1):
        for before, earlier in enumerate(rules[: position - 1], start=1):
            same_place = (earlier.template.status, earlier.template.audience) == (rule.template.status, rule.template.audience)
            if same_place and earlier.category in {"", rule.category} and earlier.tags <= rule.tags:
                hidden[position] = before
                break
    return hidden


@dataclass(frozen=True)
class Gap:
    """A place where a category has no wording of its own: `falls_back` is the key that serves instead, empty for none."""

    status: str
    audience: str
    falls_back: str


def unmapped(
    *, rules: Sequence[Rule], templates: Sequence[Choice], categories: Iterable[str], statuses: Sequence[str], audiences: Sequence[str]
) -> dict[str, list[Gap]]:
    """Per category that nothing was written for, what serves each status and audience instead.

    A category is mapped when a rule names it or a template is of it. One that is mapped is listed all the same where it
    would get no wording at all.
    """
    found: dict[str, list[Gap]] = {}
    for category in categories:
        own = any(rule.category == category for rule in rules) or any(
            template.category == category and not template.only_by_rule for template in templates
        )
        gaps = []
        for audience in audiences:
            for status in statuses:
                answer = choose(rules=rules, templates=templates, category=category, status=status, audience=audience, tags=frozenset())
                if not answer.key or not own:
                    gaps.append(Gap(status, audience, answer.key))
        if gaps:
            found[category] = gaps
    return found
