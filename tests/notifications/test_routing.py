"""A release follows the matrix: each person by the first channel that reaches them, and nothing changed afterwards changes it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import Conflict, Forbidden, InvalidInput
from incidents.rules.content_edit import ContentEdit
from notifications.models import ChannelProvider, Delivery, Message, RoutingRule
from notifications.queries.routing import matrix, ways_of
from notifications.rules.routing import Step, route
from notifications.services.set_route import set_route
from stakeholders.models import Audience, AudienceMember, Stakeholder
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.log import logged
from tests.support.releases import let_go, reviewed

pytestmark = pytest.mark.django_db
ALL = ("dashboard", "email", "page", "slack", "sms", "teams", "webhook")
ADDRESSES = {"email": "{}@example.com", "sms": "+4915112345{}", "webhook": "https://{}.example.com/hook"}


def put(name: str, *kinds: str, audience: str = "customers", **fields: Any) -> Stakeholder:
    made = Stakeholder.objects.create(name=name, created_at=NOW, **({"kind": "customer"} | fields))
    for position, kind in enumerate(kinds):
        tail = f"{made.pk % 1000:03}" if kind == "sms" else name
        made.contact_points.create(kind=kind, address=ADDRESSES[kind].format(tail), position=position, created_at=NOW)
    AudienceMember.objects.create(audience=Audience.objects.get(key=audience), stakeholder=made, added_at=NOW)
    return made


def sms_carried() -> None:
    ChannelProvider.objects.filter(channel="sms").update(enabled=True)


def release_to(cast: Cast, *, channels: tuple[str, ...]) -> None:
    commander = cast.actor("commander")
    update = make_update(incident=make_incident(actor=commander), actor=commander, edit=ContentEdit(channels=channels))
    let_go(cast, reviewed(cast, update))


def told() -> set[tuple[str, str]]:
    return set(Delivery.objects.filter(purpose="release").values_list("contact_point__stakeholder__name", "channel"))


def test_the_shipped_matrix_has_a_route_for_every_urgency_and_calls_colleagues_out_by_text_message() -> None:
    rules = matrix()
    for urgency in ("critical", "high", "normal", "low"):
        assert route(urgency, "customers", rules)[0].channel == "email"
        assert Step("page:public") in route(urgency, "customers", rules)
    assert route("critical", "internal", rules)[0] == Step("sms", 5)


def test_each_person_is_told_by_the_first_channel_that_they_have_an_address_for(cast: Cast) -> None:
    sms_carried()
    put("ada", "email", "sms")
    put("bob", "sms")
    put("eve", "webhook")
    kim = put("kim", "email", "sms")
    kim.contact_points.filter(kind="email").update(suppressed_at=NOW, suppression_kind="bounce", suppression_reason="550")
    release_to(cast, channels=ALL)
    assert told() == {("ada", "email"), ("bob", "sms"), ("eve", "webhook"), ("kim", "sms")}
    assert Message.objects.get(kind="release").plan["routes"]["customers"][:2] == [
        {"channel": "email", "fallback_after_minutes": 10},
        {"channel": "sms", "fallback_after_minutes": None},
    ]


def test_what_the_reviewers_did_not_approve_is_not_used_whatever_the_matrix_says(cast: Cast) -> None:
    sms_carried()
    put("ada", "email", "sms")
    put("bob", "sms")
    release_to(cast, channels=("email", "page"))
    assert told() == {("ada", "email")}


def test_what_no_provider_carries_is_not_used(cast: Cast) -> None:
    put("bob", "sms")
    release_to(cast, channels=ALL)
    assert told() == set()


def test_nothing_that_changes_after_the_release_changes_who_is_told(cast: Cast) -> None:
    accounts = Audience.objects.get(key="customers")
    Audience.objects.filter(pk=accounts.pk).update(filter={"fact": "tier", "op": "in", "value": ["key"]})
    ada = Stakeholder.objects.create(name="ada", kind="customer", tier="key", created_at=NOW)
    ada.contact_points.create(kind="email", address="ada@example.com", created_at=NOW)
    bob = Stakeholder.objects.create(name="bob", kind="customer", created_at=NOW)
    bob.contact_points.create(kind="email", address="bob@example.com", created_at=NOW)
    release_to(cast, channels=ALL)
    before = Message.objects.get(kind="release").plan["routes"]
    assert told() == {("ada", "email")}
    Stakeholder.objects.filter(pk=ada.pk).update(tier="")
    Stakeholder.objects.filter(pk=bob.pk).update(tier="key")
    Audience.objects.filter(pk=accounts.pk).update(filter=None)
    set_route(actor=cast.actor("comms"), now=NOW, urgency="critical", audience=None, channels=[{"channel": "webhook"}])
    assert told() == {("ada", "email")}
    assert Message.objects.get(kind="release").plan["routes"] == before


def test_a_surface_of_the_public_is_none_of_another_audience(cast: Cast) -> None:
    incident = make_incident()
    update = make_update(incident=incident, actor=cast.actor("commander"), edit=ContentEdit(channels=ALL))
    assert update.current is not None
    ways = ways_of(incident, update.current.parsed())
    assert ways["customers"].surfaces == ("page:public", "dashboard")
    assert ways["internal"].surfaces == ("dashboard",)


def test_a_cell_is_changed_logged_and_taken_back(cast: Cast) -> None:
    internal = Audience.objects.get(key="internal")
    written = [{"channel": "slack", "fallback_after_minutes": 5}, {"channel": "email"}]
    made = set_route(actor=cast.actor("comms"), now=NOW, urgency="low", audience=internal, channels=written, version=0)
    assert made is not None
    assert route("low", "internal", matrix()) == (Step("slack", 5), Step("email"))
    assert logged("routing.changed")["audience"] == "internal"
    with pytest.raises(Conflict):
        set_route(actor=cast.actor("comms2"), now=NOW, urgency="low", audience=internal, channels=[{"channel": "email"}], version=0)
    assert set_route(actor=cast.actor("comms"), now=NOW, urgency="low", audience=internal, channels=None, version=1) is None
    assert route("low", "internal", matrix())[0].channel == "email"


def test_a_route_for_everybody_is_never_taken_away_and_the_page_is_the_publics_alone(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        set_route(actor=cast.actor("comms"), now=NOW, urgency="low", audience=None, channels=None)
    page = [{"channel": "page:public"}]
    with pytest.raises(InvalidInput):
        set_route(actor=cast.actor("comms"), now=NOW, urgency="low", audience=Audience.objects.get(key="internal"), channels=page)
    with pytest.raises(InvalidInput):
        set_route(actor=cast.actor("comms"), now=NOW, urgency="urgent", audience=None, channels=page)


@pytest.mark.parametrize("name", ["outsider", "responder", "legal", "techlead"])
def test_nobody_else_changes_the_routing(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        set_route(actor=cast.actor(name), now=NOW, urgency="low", audience=None, channels=[{"channel": "email"}])


@pytest.mark.parametrize(
    ("constraint", "urgency"), [("notifications_route_once", "critical"), ("notifications_route_urgency_known", "urgent")]
)
def test_the_database_keeps_one_route_per_cell_and_known_words(constraint: str, urgency: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO notifications_routingrule (urgency, channels, version) VALUES (%s, '[]', 1)", [urgency])
    assert RoutingRule.objects.count() == 6
