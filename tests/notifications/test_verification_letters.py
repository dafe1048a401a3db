"""The letter and the text message that ask somebody to confirm an address."""

import pytest
from django.test import Client

from core.clock import utc_now
from notifications.models import Delivery, Message
from notifications.rules.states import Lane
from notifications.rules.verification_words import ANSWER_PLACE
from notifications.services import claim_and_send
from notifications.services.plan_notice import plan_notice
from notifications.services.plan_verification import with_answer
from stakeholders.models import ContactPoint
from stakeholders.queries.secrets import answer_of, link_of
from stakeholders.services import register_stakeholder, request_verification
from tests.support.cast import Cast
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db


def registered(cast: Cast, kind: str, address: str) -> ContactPoint:
    made = register_stakeholder(actor=cast.actor("comms"), now=utc_now(), kind="person", name="Tess", contact_points=[(kind, address)])
    return made.contact_points.get()


def test_the_link_in_the_letter_confirms(cast: Cast, sink: Sink) -> None:
    where = registered(cast, "email", "tess@example.com")
    asked = request_verification(actor=cast.actor("comms"), now=utc_now(), contact_point=where)
    assert Delivery.objects.get().lane == Lane.FIRST
    while claim_and_send():
        pass
    letter = sink.letter_to("tess@example.com")
    assert letter["Subject"] == "Please confirm your address for Status"
    assert letter["List-Unsubscribe"] is None
    plain = letter.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert link_of(asked) in text
    assert ANSWER_PLACE not in text
    assert Client().post(link_of(asked).removeprefix("http://localhost:8000")).status_code == 200
    where.refresh_from_db()
    assert where.verification == "verified"


def test_a_code_goes_by_text_message_and_stands_in_no_row(cast: Cast) -> None:
    where = registered(cast, "sms", "+4930901820")
    asked = request_verification(actor=cast.actor("comms"), now=utc_now(), contact_point=where)
    delivery, message = Delivery.objects.get(), Message.objects.get()
    assert (delivery.channel, delivery.contact_point_id, message.kind) == ("sms", where.pk, "verification")
    assert answer_of(asked) not in str(message.wording)
    assert with_answer(message.wording, asked.pk)[""]["title"] == f"{answer_of(asked)} is your code"


def test_the_same_question_is_planned_once(cast: Cast) -> None:
    where = registered(cast, "email", "tess@example.com")
    request_verification(actor=cast.actor("comms"), now=utc_now(), contact_point=where)
    assert Message.objects.get().source_key == f"verification:{where.verifications.get().pk}"


def test_nothing_but_the_question_goes_to_an_address_that_waits_since_it_was_planned(cast: Cast, sink: Sink) -> None:
    where = registered(cast, "email", "tess@example.com")
    where.stakeholder.user = cast.comms
    where.stakeholder.save()
    plan_notice(
        actor=cast.system(),
        now=utc_now(),
        source_key="k",
        incident=None,
        people=[cast.comms],
        title="Told",
        body="Before.",
        path="/console/",
    )
    request_verification(actor=cast.actor("comms"), now=utc_now(), contact_point=where)
    while claim_and_send():
        pass
    assert sink.letter_to("tess@example.com")["Subject"] == "Please confirm your address for Status"
