"""Letting an outside tool in, and shutting it out."""

import secrets
from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from integrations.models import HookToken
from integrations.queries import digest_of
from integrations.rules.sources import Source


def create_hook_token(*, actor: Actor, now: datetime, source: Source) -> tuple[HookToken, str]:
    """A new token for a source, and its text, which is not kept. Earlier ones stay valid until revoked."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ADMINISTER)
        text = secrets.token_urlsafe(32)
        token = HookToken.objects.create(source=source.value, digest=digest_of(text), created_by=actor.ref, created_at=now)
        work.record("hook.token_created", subject=f"hook:{source.value}", body={"digest": token.digest})
        return token, text


def revoke_hook_tokens(*, actor: Actor, now: datetime, source: Source, except_for: HookToken | None = None) -> int:
    """Makes a source's tokens invalid, all but one if given; returns how many."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ADMINISTER)
        valid = HookToken.objects.select_for_update(no_key=True).filter(source=source.value, revoked_at__isnull=True)
        tokens = list(valid.exclude(pk=except_for.pk) if except_for else valid)
        for token in tokens:
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])
            work.record("hook.token_revoked", subject=f"hook:{source.value}", body={"digest": token.digest})
        return len(tokens)
