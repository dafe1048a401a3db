"""What is done to the policy."""

from policies.services.activation import activate_version, propose_version, withdraw_proposal
from policies.services.drafts import import_document, save_draft, start_draft, throw_away_draft

__all__ = [
    "activate_version",
    "import_document",
    "propose_version",
    "save_draft",
    "start_draft",
    "throw_away_draft",
    "withdraw_proposal",
]
