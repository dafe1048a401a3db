"""Answering by the link in a letter: it names the delivery, and so who was written to and about what."""

from datetime import datetime

from accounts.actors import system
from core.errors import NotFound
from notifications.models import Delivery
from notifications.transports.personal_links import read_answer_token
from stakeholders.models import Acknowledgement, Drill, EscalationRun
from stakeholders.services.acknowledge import acknowledge_by_link

ACTOR = system("answer link")


def answered_thing(token: str) -> tuple[Delivery, EscalationRun | Drill]:
    """What the link is about, and the delivery it stood in. Raises `NotFound` for a link that is not ours."""
    key = read_answer_token(token)
    delivery = (
        Delivery.objects.select_related("message__incident", "contact_point__stakeholder", "user").filter(key=key).first()
        if key is not None
        else None
    )
    if delivery is None or not delivery.message.facts.get("answer"):
        raise NotFound
    source, _, name = delivery.message.source_key.partition(":")
    thing: EscalationRun | Drill | None = None
    if source == "escalation":
        thing = EscalationRun.objects.select_related("tree", "drill", "started_by").filter(public_id=name.partition(":")[0]).first()
    elif source == "drill":
        thing = Drill.objects.select_related("audience").filter(public_id=name).first()
    if thing is None:
        raise NotFound
    return delivery, thing


def answer(*, now: datetime, token: str) -> Acknowledgement:
    """Records the answer; again it changes nothing. Raises `NotFound`."""
    delivery, thing = answered_thing(token)
    return acknowledge_by_link(actor=ACTOR, now=now, thing=thing, contact_point=delivery.contact_point, user=delivery.user)
