"""What is done to hooks and mappings."""

from integrations.services.hook_tokens import create_hook_token, revoke_hook_tokens
from integrations.services.save_mapping import save_mapping

__all__ = ["create_hook_token", "revoke_hook_tokens", "save_mapping"]
