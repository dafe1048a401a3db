"""The demo's hook token. The database keeps only its digest, so its text lies beside the mail for the next start."""

from datetime import datetime

from accounts.actors import system
from demo.mailbox import mail_folder
from integrations.models import HookToken
from integrations.queries import hook_token as valid_token
from integrations.rules.sources import Source
from integrations.services.hook_tokens import create_hook_token


def hook_token(now: datetime) -> tuple[HookToken, str]:
    """The token printed at every start: the kept one while it is valid, else a new one."""
    kept = mail_folder().parent / "hook_token"
    text = kept.read_text() if kept.is_file() else ""
    if text and (known := valid_token(Source.ALERTMANAGER, text)):
        return known, text
    token, text = create_hook_token(actor=system("demo"), now=now, source=Source.ALERTMANAGER)
    kept.touch(mode=0o600)
    kept.write_text(text)
    return token, text
