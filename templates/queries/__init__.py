"""Finding the wording for an update, and reading templates, rules and holding statements."""

from templates.queries.choosing import (
    TemplateMap,
    rules_in_force,
    template_by_key,
    template_for,
    template_map,
    unmapped_categories,
    visible_rules,
)
from templates.queries.holding import (
    StatementView,
    approved_version,
    statement_views,
    visible_statement,
    visible_statements,
    working_version,
)
from templates.queries.reading import visible_template, visible_templates

__all__ = [
    "StatementView",
    "TemplateMap",
    "approved_version",
    "rules_in_force",
    "statement_views",
    "template_by_key",
    "template_for",
    "template_map",
    "unmapped_categories",
    "visible_rules",
    "visible_statement",
    "visible_statements",
    "visible_template",
    "visible_templates",
    "working_version",
]
