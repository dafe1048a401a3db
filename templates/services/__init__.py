"""What is done to templates, their rules and holding statements."""

from templates.services.move_statement import retire_statement
from templates.services.remind_of_expiry import remind_of_expiry
from templates.services.save_rules import save_rules
from templates.services.save_template import create_template, save_template
from templates.services.write_statement import create_statement, save_statement

__all__ = [
    "create_statement",
    "create_template",
    "remind_of_expiry",
    "retire_statement",
    "save_rules",
    "save_statement",
    "save_template",
]
