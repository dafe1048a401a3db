"""People to write to, and a released update for them, made by the services."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from accounts.actors import system
from approvals.models import Release, ReviewSlot
from approvals.services.release_update import let_out
from incidents.models import Update
from incidents.rules.content import ScheduleMode
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.services import revise_update
from stakeholders.models import Audience, ContactPoint
from stakeholders.services import NewStakeholder, add_members, register_stakeholders
from templates.rules.gaps import UNFILLED_MARK
from tests.approvals.acts import approved, ask, release, say
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


def reviewed(cast: Cast, update: Update, now: datetime = NOW) -> Update:
    """Filled in where a template left a gap, and approved by every review that the policy asks for, by people who seldom write."""
    _fill_in(update, now)
    ask(cast, update, now=now)
    by = {"technical": "techlead2", "communications": "comms2", "legal": "legal", "public_relations": "pr"}
    for slot in ReviewSlot.objects.filter(round__update_of=update, round__state="open"):
        say(cast, update, slot.kind, by=by[slot.kind], now=now)
    return Update.objects.get(pk=update.pk)


def _fill_in(update: Update, now: datetime) -> None:
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    variants = tuple(
        Variant(audience, UNFILLED_MARK.sub("all is told", words.title), UNFILLED_MARK.sub("all is told", words.body), language)
        for audience, by_language in current.parsed().wording.items()
        for language, words in by_language.items()
    )
    content = ContentEdit(variants=variants).apply(current.parsed())
    revise_update(actor=system("test"), now=now, update_id=update.pk, base_revision=current.number, content=content)


def let_go(cast: Cast, update: Update, now: datetime = NOW) -> Release:
    """An approved update goes out, as after a gate that found nothing in the way: what the incident makes of it is looked at."""
    update = Update.objects.get(pk=update.pk)
    assert update.current is not None
    return let_out(
        actor=cast.actor("commander"),
        now=now,
        update=update,
        revision=update.current,
        mode=ScheduleMode.BY_HAND,
        released_by=cast.commander,
    )


def released(cast: Cast, **incident: Any) -> Release:
    """An update that both reviewers approved, released by its commander by hand; keywords as for `make_incident`."""
    return release(cast, approved(cast, **incident))
