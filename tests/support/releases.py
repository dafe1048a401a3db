"""People to write to, and a released update for them, made by the services."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from accounts.actors import system
from approvals.models import Release
from stakeholders.models import Audience, ContactPoint
from stakeholders.services import NewStakeholder, add_members, register_stakeholders
from tests.approvals.acts import approved, release
from tests.support.cast import NOW, Cast

_numbers = count(1)


def subscribers(
    *emails: str, audiences: Sequence[str] = ("customers",), time_zone: str = "UTC", kind: str = "", now: datetime = NOW
) -> list[ContactPoint]:
    """People with these addresses, in these audiences: customers, or colleagues where one of these is internal, unless told otherwise."""
    kind = kind or ("person" if "internal" in audiences else "customer")
    people = [NewStakeholder(kind, f"Reader {next(_numbers)}", email, time_zone) for email in emails]
    stakeholders = register_stakeholders(actor=system("test"), now=now, people=people)
    for key in audiences:
        add_members(actor=system("test"), now=now, audience=Audience.objects.get(key=key), stakeholders=stakeholders)
    return list(ContactPoint.objects.filter(stakeholder__in=stakeholders).order_by("id"))


def released(cast: Cast, **incident: Any) -> Release:
    """An update that both reviewers approved, released by its commander by hand; keywords as for `make_incident`."""
    return release(cast, approved(cast, **incident))
