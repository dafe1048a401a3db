"""Who hears that an incident has opened, and that it is told once."""

import pytest

from accounts.actors import source
from accounts.models import RoleAssignment, User
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from audit.services import unit_of_work
from core.events import publish
from incidents.events import IncidentOpened
from incidents.models import Incident
from notifications.models import Message
from notifications.services import claim_and_send
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident
from tests.support.roster import on_rota
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db


def send() -> None:
    while claim_and_send():
        pass


def by_alert() -> Incident:
    return make_incident(actor=source("alertmanager"))


def test_what_an_alert_opens_is_told_to_every_commander_at_once(cast: Cast, sink: Sink) -> None:
    RoleAssignment.objects.create(user=cast.techlead2, role=Role.COMMANDER)
    by_alert()
    send()
    assert sink.recipients() == ["commander@example.com", "techlead2@example.com"]
    letter = sink.letter_to("commander@example.com")
    assert letter["Subject"] == "Opened, SEV1: Checkout answers with errors"
    text = " ".join(letter.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]  # it has a text
    assert "was opened by Alertmanager as SEV1, confirmed. Nobody commands it yet: take it." in text
    assert "The policy wants a first word. Due by 2 Mar 2026, 14:15 UTC." in text


def test_the_same_event_again_plans_nothing_more(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("techlead"))
    with unit_of_work(actor="system:test", now=NOW):
        publish(IncidentOpened(incident_id=incident.pk, actor="source:alertmanager", at=NOW))
    assert Message.objects.get(source_key=f"incident:{incident.public_id}:opened").deliveries.count() == 1


def test_who_opens_and_commands_it_is_told_nothing(cast: Cast) -> None:
    make_incident(actor=cast.actor("commander"))
    assert not Message.objects.exists()


def test_where_no_commander_can_be_told_the_manager_on_duty_is(cast: Cast, sink: Sink) -> None:
    on_rota(Duty.MANAGER_ON_DUTY, cast.manager)
    User.objects.filter(pk=cast.commander.pk).update(is_active=False)
    by_alert()
    send()
    assert sink.recipients() == ["manager@example.com"]


def test_what_the_clockwork_opens_is_told_to_nobody(cast: Cast) -> None:
    make_incident()
    assert not Message.objects.exists()


def test_the_room_names_them_in_the_first_row_of_who_is_told_when(cast: Cast) -> None:
    page = cast.client("comms").get(f"/console/incidents/{by_alert().public_id}/").content.decode()
    rows = page.partition("Who is told when")[2]
    assert rows.index("<dt>Opened</dt>") < rows.index("<dt>Reminder before</dt>")
    first = rows.partition("<dt>Opened</dt>")[2].partition("<dt>")[0]
    assert cast.commander.get_full_name() in first
    assert "told <time" in " ".join(first.split())


def test_where_nothing_is_promised_the_room_says_it_too(cast: Cast) -> None:
    incident = make_incident(actor=source("alertmanager"), severity="SEV4", impact="none", stage="watching", customer_facing=False)
    assert not incident.promises.exists()
    page = cast.client("comms").get(f"/console/incidents/{incident.public_id}/").content.decode()
    assert f"{cast.commander.get_full_name()} was told when it opened" in page
