"""Notices to colleagues: lane 0, by e-mail to the address in the register, else to the one they sign in with."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models.functions import Now

from accounts.actors import Actor
from accounts.models import User
from audit.services import unit_of_work
from incidents.models import Incident
from incidents.queries.seeing import who_sees
from notifications.models import Message
from notifications.rules.states import Lane, MessageKind
from notifications.services.plan_rows import Recipient, insert_deliveries
from stakeholders.queries import address_of_user

USEFUL_FOR = timedelta(hours=8)


def plan_notice(
    *,
    actor: Actor,
    now: datetime,
    source_key: str,
    incident: Incident | None,
    people: Iterable[User],
    title: str,
    body: str,
    path: str,
    due_at: datetime | None = None,
) -> Message:
    """Plans one notice to `people`, leaving out whoever may not see the incident. `path` is the console page it leads to.

    `incident` is `None` for what concerns no single one. By `due_at` something is asked of them: said in each reader's own zone.

    The same `source_key` again returns the message that is there, unchanged.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        message, created = Message.objects.get_or_create(
            source_key=source_key,
            defaults={
                "kind": MessageKind.NOTICE,
                "lane": Lane.FIRST,
                "incident": incident,
                "wording": {"": {"title": title, "body": body}},
                "facts": {"path": path, "at": now.isoformat()} | ({"due_at": due_at.isoformat()} if due_at else {}),
                "created_at": now,
                "expires_at": Now() + USEFUL_FOR,
                "planned_at": Now(),
            },
        )
        if not created:
            return message
        asked = list(people)
        seeing = who_sees(asked, incident) if incident else {user.pk for user in asked}
        recipients = [recipient for user in asked if user.pk in seeing and (recipient := _recipient(user))]
        planned = insert_deliveries(message, recipients, purpose=MessageKind.NOTICE)
        work.record(
            "message.planned",
            subject=f"message:{message.public_id}",
            body={"kind": "notice", "source": source_key, "incident": incident.public_id if incident else "", "planned": planned},
        )
        return message


def can_be_told(user: User, incident: Incident) -> bool:
    """Whether a notice about `incident` would reach the person: they are active, may see it and have an address."""
    return user.pk in who_sees([user], incident) and _recipient(user) is not None


def _recipient(user: User) -> Recipient | None:
    contact_point = address_of_user(user)
    if contact_point is not None:
        return Recipient(contact_point.pk, None, None, Lane.FIRST)
    return Recipient(None, user.pk, None, Lane.FIRST) if user.email else None
