"""What is done to rule sets."""

from screening.services.activate_rule_set import activate_rule_set
from screening.services.save_rule_set import discard_draft, save_rule_set

__all__ = ["activate_rule_set", "discard_draft", "save_rule_set"]
