"""Ending an address's mail for one audience, by the link in a letter (RFC 8058)."""

from datetime import datetime

from accounts.actors import system
from core.errors import NotFound
from notifications.transports.unsubscribe_links import read_token
from stakeholders.models import Audience, ContactPoint
from stakeholders.services.stop_writing import opt_out


def link_target(token: str) -> tuple[ContactPoint, Audience]:
    """What the link is about. Raises `NotFound` for a link that is not ours."""
    named = read_token(token)
    if named is None:
        raise NotFound
    contact_point = ContactPoint.objects.filter(pk=named[0]).first()
    audience = Audience.objects.filter(pk=named[1]).first()
    if contact_point is None or audience is None:
        raise NotFound
    return contact_point, audience


def unsubscribe(*, now: datetime, token: str, source: str) -> Audience:
    """Opts the address out; asking again changes nothing. Raises `NotFound`."""
    contact_point, audience = link_target(token)
    opt_out(actor=system("unsubscribe"), now=now, contact_point=contact_point, audience=audience, source=source)
    return audience
