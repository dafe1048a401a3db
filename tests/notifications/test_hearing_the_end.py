"""Whoever got an earlier update of an incident gets the one that resolves it, whatever became of them in the register since."""

from typing import Any

import pytest

from approvals.models import Release
from incidents.models import Incident
from incidents.rules.content_edit import ContentEdit
from incidents.rules.words import Status
from notifications.models import Delivery, Message
from notifications.queries.counts import counters_that_differ
from notifications.queries.reach import reach
from notifications.services import expand
from notifications.services.expand import expand_for
from stakeholders.models import Audience, AudienceMember, OptOut, Stakeholder
from tests.notifications.test_routing import put, sms_carried
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.releases import let_go, reviewed

pytestmark = pytest.mark.django_db
CHANNELS = ("email", "page", "sms")


def tell(cast: Cast, incident: Incident, status: str = Status.INVESTIGATING, channels: tuple[str, ...] = CHANNELS) -> Release:
    update = make_update(incident=incident, actor=cast.actor("commander"), status=status, edit=ContentEdit(channels=channels))
    return let_go(cast, reviewed(cast, update))


def resolve(cast: Cast, incident: Incident, **how: Any) -> list[str]:
    """Who is told that it is over, an entry for each delivery."""
    done = tell(cast, incident, Status.RESOLVED, **how)
    expand_for(10, now=NOW)
    found = Delivery.objects.filter(message__release=done)
    return sorted(found.values_list("contact_point__stakeholder__name", flat=True))


def arrived(state: str = "accepted") -> None:
    Delivery.objects.filter(purpose="release", closed_at__isnull=True).update(state=state, closed_at=NOW)


def leaves(person: Stakeholder) -> None:
    AudienceMember.objects.filter(stakeholder=person).delete()


def begun(cast: Cast, *names: str) -> tuple[Incident, list[Stakeholder]]:
    people = [put(name, "email") for name in names]
    incident = make_incident(actor=cast.actor("commander"))
    tell(cast, incident)
    arrived()
    return incident, people


def test_whoever_left_the_list_hears_the_end(cast: Cast) -> None:
    incident, (ada, _) = begun(cast, "ada", "bob")
    leaves(ada)
    assert resolve(cast, incident) == ["ada", "bob"]
    message = Message.objects.latest("pk")
    assert message.planned_at is not None
    assert counters_that_differ([message.pk]) == []


def test_whoever_no_longer_matches_the_filter_hears_the_end(cast: Cast) -> None:
    ada = put("ada", "email")
    leaves(ada)
    Stakeholder.objects.filter(pk=ada.pk).update(tier="key")
    Audience.objects.filter(key="customers").update(filter={"fact": "tier", "op": "in", "value": ["key"]})
    incident = make_incident(actor=cast.actor("commander"))
    tell(cast, incident)
    arrived()
    Stakeholder.objects.filter(pk=ada.pk).update(tier="")
    assert resolve(cast, incident) == ["ada"]


@pytest.mark.parametrize("status", [Status.IDENTIFIED, Status.MONITORING])
def test_an_update_on_the_way_goes_to_the_audience_alone(cast: Cast, status: str) -> None:
    incident, (ada, _) = begun(cast, "ada", "bob")
    leaves(ada)
    done = tell(cast, incident, status)
    assert [*Delivery.objects.filter(message__release=done).values_list("contact_point__stakeholder__name", flat=True)] == ["bob"]


def test_an_address_that_got_several_updates_hears_it_once(cast: Cast) -> None:
    incident, (ada,) = begun(cast, "ada")
    tell(cast, incident, Status.IDENTIFIED)
    arrived()
    leaves(ada)
    assert resolve(cast, incident) == ["ada"]


def test_who_is_reached_by_the_audience_is_not_told_by_another_address_too(cast: Cast) -> None:
    sms_carried()
    ada = put("ada", "sms")
    incident = make_incident(actor=cast.actor("commander"))
    tell(cast, incident)
    arrived()
    ada.contact_points.create(kind="email", address="ada@example.com", created_at=NOW)
    assert resolve(cast, incident) == ["ada"]


def opts_out(ada: Stakeholder) -> None:
    audience = Audience.objects.get(key="customers")
    OptOut.objects.create(contact_point=ada.contact_points.get(), audience=audience, at=NOW, source="page")


def is_suppressed(ada: Stakeholder) -> None:
    ada.contact_points.update(suppressed_at=NOW, suppression_kind="operator", suppression_reason="asked for it")


def is_removed(ada: Stakeholder) -> None:
    is_suppressed(ada)
    ada.contact_points.update(removed_at=NOW)


@pytest.mark.parametrize("change", [opts_out, is_suppressed, is_removed])
def test_whoever_may_not_be_written_to_any_more_is_not(cast: Cast, change: Any) -> None:
    incident, (ada, _) = begun(cast, "ada", "bob")
    leaves(ada)
    change(ada)
    assert resolve(cast, incident) == ["bob"]


@pytest.mark.parametrize(("state", "hears"), [("uncertain", True), ("dead", False), ("cancelled", False), ("bounced", False)])
def test_only_whoever_got_it_or_may_have(cast: Cast, state: str, hears: bool) -> None:
    ada = put("ada", "email")
    incident = make_incident(actor=cast.actor("commander"))
    tell(cast, incident)
    arrived(state)
    leaves(ada)
    assert resolve(cast, incident) == (["ada"] if hears else [])


def test_what_is_still_to_be_sent_has_its_end_planned(cast: Cast) -> None:
    ada = put("ada", "email")
    incident = make_incident(actor=cast.actor("commander"))
    tell(cast, incident)
    leaves(ada)
    assert resolve(cast, incident) == ["ada"]


def test_another_incident_is_none_of_theirs(cast: Cast) -> None:
    _, (ada,) = begun(cast, "ada")
    leaves(ada)
    assert resolve(cast, make_incident(actor=cast.actor("commander"))) == []


def test_who_left_the_house_is_not_told_what_stays_inside(cast: Cast) -> None:
    kim = put("kim", "email", audience="internal", kind="person")
    incident = make_incident(actor=cast.actor("commander"))
    tell(cast, incident)
    arrived()
    leaves(kim)
    assert resolve(cast, incident) == []


def test_the_preview_says_how_many_more(cast: Cast) -> None:
    incident, (ada, _) = begun(cast, "ada", "bob")
    leaves(ada)
    edit = ContentEdit(channels=CHANNELS)
    update = make_update(incident=incident, actor=cast.actor("commander"), status=Status.RESOLVED, edit=edit)
    assert update.current is not None
    found = reach(update, update.current.parsed(), now=NOW)
    assert (found.total, found.earlier) == (1, 1)
    assert "1 more who got earlier updates" in found.in_words()


def test_many_are_looked_through_in_ranges(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "RANGE", 3)
    names = [f"reader{number}" for number in range(10)]
    incident, people = begun(cast, *names)
    for person in people:
        leaves(person)
    assert resolve(cast, incident) == sorted(names)
