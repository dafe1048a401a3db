"""The letter or text message by which somebody shows that an address is theirs."""

from datetime import datetime

from django.conf import settings
from django.db.models.functions import Now

from accounts.actors import Actor
from audit.services import unit_of_work
from notifications.models import Message
from notifications.rules.escaping import plain
from notifications.rules.states import Lane, MessageKind
from notifications.rules.verification_words import ANSWER_PLACE, code_words, link_words
from notifications.services.plan_rows import Recipient, insert_deliveries
from stakeholders.models import Verification
from stakeholders.queries.secrets import answer_of, link_of
from stakeholders.rules.verification import LASTS, Method

Wording = dict[str, dict[str, str]]


def plan_verification(*, actor: Actor, now: datetime, verification_id: int) -> Message:
    """Plans it once, first in line; useless once the question has run out. The answer itself is in no row: it is put in when it is sent."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        asked = Verification.objects.select_related("contact_point__stakeholder").get(pk=verification_id)
        words = code_words if asked.method == Method.CODE else link_words
        said = words(page=plain(settings.PUBLIC_PAGE_NAME), again=asked.contact_point.verified_at is not None)
        message, created = Message.objects.get_or_create(
            source_key=f"verification:{asked.pk}",
            defaults={
                "kind": MessageKind.VERIFICATION,
                "lane": Lane.FIRST,
                "wording": {"": {"title": said.title, "body": said.body}},
                "facts": {"verification": asked.pk, "at": now.isoformat()},
                "created_at": now,
                # By the database's clock, like every expiry of a message.
                "expires_at": Now() + LASTS[Method(asked.method)],
                "planned_at": Now(),
            },
        )
        if created:
            recipient = Recipient(asked.contact_point_id, None, None, Lane.FIRST)
            planned = insert_deliveries(message, [recipient], purpose=MessageKind.VERIFICATION, channel=asked.contact_point.kind)
            body = {"kind": "verification", "source": message.source_key, "incident": "", "planned": planned}
            work.record("message.planned", subject=f"message:{message.public_id}", body=body)
        return message


def with_answer(wording: Wording, verification_id: int) -> Wording:
    """The wording with the code or the link in its place: made anew when it is sent, so that no row holds it."""
    asked = Verification.objects.get(pk=verification_id)
    answer = answer_of(asked) if asked.method == Method.CODE else link_of(asked)
    return {key: {name: text.replace(ANSWER_PLACE, answer) for name, text in words.items()} for key, words in wording.items()}
