"""Reads of the hooks' own tables."""

import hashlib
import hmac

from core.errors import NotFound
from integrations.models import EventMapping, HookToken
from integrations.rules.mapping import EventMap, parse


def digest_of(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def hook_token(source: str, text: str) -> HookToken | None:
    """The valid token of that source, if this is one. Compared by digest, in constant time."""
    digest = digest_of(text)
    found = None
    for token in HookToken.objects.filter(source=source, revoked_at__isnull=True):
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found


def mapping_row(source: str) -> EventMapping:
    """The mapping of a source as stored; raises `NotFound` for a source that has none."""
    row = EventMapping.objects.filter(source=source).first()
    if row is None:
        raise NotFound(f"There is no mapping for “{source}”.")
    return row


def mapping_for(source: str) -> EventMap:
    """The mapping of a source as a value."""
    return parse(mapping_row(source).document)
