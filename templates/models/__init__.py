"""Update templates, the rules that choose one, and holding statements."""

from templates.models.holding import HoldingContributor, HoldingStatement, HoldingStatementVersion
from templates.models.rule import TemplateRule, TemplateRuleSet
from templates.models.update_template import TemplateVersion, UpdateTemplate

__all__ = [
    "HoldingContributor",
    "HoldingStatement",
    "HoldingStatementVersion",
    "TemplateRule",
    "TemplateRuleSet",
    "TemplateVersion",
    "UpdateTemplate",
]
