"""Whom an update would reach: what the audiences reach now by their routes, and for a correction those who got the wrong words."""

from typing import Any

import pytest

from approvals.services import start_correction
from incidents.models import Update
from incidents.rules.content_edit import ContentEdit
from notifications.models import ChannelProvider, Delivery
from notifications.queries.reach import Reach, reach
from notifications.services.set_route import set_route
from policies.rules.urgency import Urgency
from stakeholders.models import Audience, AudienceMember, ContactPoint, OptOut
from tests.approvals.acts import draft
from tests.notifications.test_routing import ALL, put, release_to, sms_carried
from tests.notifications.test_stopping import send
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db


def reached(update: Update) -> Reach:
    assert update.current is not None
    return reach(update, update.current.parsed(), now=NOW)


def of(found: Reach, key: str) -> Any:
    return next(one for one in found.audiences if one.key == key)


def test_an_address_in_two_audiences_is_written_to_once(cast: Cast) -> None:
    subscribers("ada@example.com", "bo@example.com", audiences=("customers", "internal"))
    found = reached(draft(cast))
    assert {one.key: one.told for one in found.audiences} == {"customers": 2, "internal": 2}
    assert (found.total, found.people, found.addresses) == (2, 2, {"email": 2})


@pytest.mark.parametrize("audiences", [("customers",), ("customers", "internal")])
def test_somebody_with_two_addresses_is_one_person(cast: Cast, audiences: tuple[str, ...]) -> None:
    for address in subscribers("ada@example.com", "bo@example.com", audiences=audiences):
        other = f"second.{address.address}"
        ContactPoint.objects.create(stakeholder=address.stakeholder, kind="email", address=other, created_at=NOW)
    found = reached(draft(cast))
    assert (found.people, found.readers, found.total) == (2, 2, 4)
    assert of(found, "customers").people_told == 2
    assert found.in_words().startswith("2 people (4 by e-mail)")


def test_a_correction_counts_those_who_got_the_wrong_words_whoever_the_audience_reaches_by_now(cast: Cast, sink: Sink) -> None:
    ada, _ = subscribers("ada@example.com", "bo@example.com")
    wrong = released(cast)
    send()
    AudienceMember.objects.filter(stakeholder=ada.stakeholder).delete()
    subscribers("cy@example.com", "di@example.com")
    right = start_correction(actor=cast.actor("commander"), now=NOW, update_id=wrong.update_of_id, kind="correction")
    found = reached(right)
    assert (of(found, "customers").told, found.total, found.corrects) == (2, 2, True)
    assert (found.people, of(found, "customers").people_told) == (2, 2)
    assert reached(draft(cast)).total == 3


def test_what_is_said_before_is_what_is_planned(cast: Cast) -> None:
    sms_carried()
    put("ada", "email", "sms")
    put("bob", "sms")
    put("eve", "webhook")
    put("kim", "email", audience="internal", kind="person")
    commander = cast.actor("commander")
    found = reached(make_update(incident=make_incident(), actor=commander, edit=ContentEdit(channels=ALL)))
    assert found.urgency is Urgency.CRITICAL
    assert found.addresses == {"sms": 1, "email": 2, "webhook": 1}
    release_to(cast, channels=ALL)
    planned: dict[str, int] = {}
    for channel in Delivery.objects.filter(purpose="release").values_list("channel", flat=True):
        planned[channel] = planned.get(channel, 0) + 1
    assert planned == dict(found.addresses)


def test_whom_nothing_reaches_is_counted_with_the_reason(cast: Cast) -> None:
    put("ada", "email")
    put("bob", "sms")
    eve = put("eve", "email")
    kim = put("kim", "email")
    put("lea")
    ContactPoint.objects.filter(stakeholder=eve).update(suppressed_at=NOW, suppression_kind="bounce", suppression_reason="550")
    OptOut.objects.create(contact_point=kim.contact_points.get(), audience=Audience.objects.get(key="customers"), at=NOW, source="page")
    update = make_update(incident=make_incident(), actor=cast.actor("commander"), edit=ContentEdit(channels=("email", "sms", "page")))
    found = of(reached(update), "customers")
    assert (found.people, found.people_told, found.addresses) == (5, 1, {"email": 1})
    assert found.unreached == {"other_channel": 1, "suppressed": 1, "opted_out": 1, "no_address": 1}
    assert dict(found.left_out_words)["SMS"] == "no provider is set up for it"
    assert dict(found.left_out_words)["Slack"] == "the update does not name it"
    assert (1, "have unsubscribed") in found.unreached_words


def test_an_audience_outside_its_scope_is_not_told_and_says_why(cast: Cast) -> None:
    put("ada", "email")
    update = draft(cast)
    Audience.objects.filter(key="customers").update(scope_customer_facing_only=True)
    update.incident.customer_facing = False
    found = of(reached(update), "customers")
    assert (found.told, found.people) == (0, 1)
    assert "customers notice" in found.outside


def test_text_messages_are_counted_in_segments_and_priced(cast: Cast, settings: Any) -> None:
    settings.SMS_PRICE_PER_SEGMENT = "0.075"
    ChannelProvider.objects.filter(channel="sms").update(enabled=True)
    put("ada", "sms")
    put("bob", "sms")
    set_route(actor=cast.actor("comms"), now=NOW, urgency="critical", audience=None, channels=[{"channel": "sms"}])
    found = reached(make_update(incident=make_incident(), actor=cast.actor("commander"), edit=ContentEdit(channels=ALL)))
    sms = of(found, "customers").sms
    assert sms is not None
    assert found.sms_segments == 2 * sms.count
    assert found.sms_price == f"{0.075 * 2 * sms.count:.2f} USD"
    assert found.in_words() == "2 people (2 by SMS) and the dashboard"
