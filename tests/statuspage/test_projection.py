"""What reaches the public projection, and what never does."""

import pytest

from approvals.events import UpdateReleased
from audit.models import Entry
from catalogue.events import ComponentChanged
from catalogue.models import Component
from catalogue.rules.status import ComponentStatus
from catalogue.services import create_group, set_component_status
from core import events
from incidents.models import Incident
from incidents.services import change_incident
from statuspage.handlers import project_component
from statuspage.models import PageChange, PublicComponent, PublicGroup, PublicIncident, PublicUpdate
from statuspage.services import project_release
from tests.statuspage.acts import TITLE, later, say_publicly
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident

pytestmark = pytest.mark.django_db


def test_a_release_for_the_public_shows_its_wording_and_never_the_internal_title(cast: Cast) -> None:
    release = say_publicly(cast, make_incident(actor=cast.actor("commander"), title="db-prod-3 is on fire"))
    shown = PublicIncident.objects.get()
    assert (shown.name, shown.status, shown.impact, shown.resolved_at) == (TITLE, "investigating", "major", None)
    assert shown.next_update_due == later(30)
    assert shown.updates.get().code == release.update_of.public_id
    assert PageChange.objects.exists()


def test_the_same_release_projected_twice_is_there_once(cast: Cast) -> None:
    release = say_publicly(cast, make_incident(actor=cast.actor("commander")))
    project_release(release_id=release.pk, now=later(1))
    assert PublicUpdate.objects.count() == 1


def test_the_newest_public_wording_names_the_incident_and_the_end_closes_it(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    say_publicly(cast, incident)
    say_publicly(cast, incident, status="monitoring", title="Checkouts work again", impact="minor", now=later(20))
    say_publicly(cast, incident, status="resolved", title="Checkouts work again", impact="minor", now=later(50))
    shown = PublicIncident.objects.get()
    assert (shown.name, shown.impact, shown.monitoring_at, shown.resolved_at) == ("Checkouts work again", "minor", later(20), later(50))
    assert shown.next_update_due is None
    assert [update.status for update in shown.updates.all()] == ["resolved", "monitoring", "investigating"]


def test_a_release_for_colleagues_alone_stays_inside(cast: Cast) -> None:
    say_publicly(cast, make_incident(actor=cast.actor("commander")), audiences=("internal",))
    assert not PublicIncident.objects.exists()


@pytest.mark.parametrize("facts", [{"restricted": True}, {"stage": "watching"}])
def test_the_projection_does_not_rely_on_the_release_gate_to_keep_things_inside(cast: Cast, facts: dict[str, object]) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    release = say_publicly(cast, incident)
    PublicIncident.objects.all().delete()
    Incident.objects.filter(pk=incident.pk).update(**facts)
    project_release(release_id=release.pk, now=later(1))
    assert not PublicIncident.objects.exists()


def test_restricting_takes_an_incident_off_the_page_and_lifting_brings_back_what_was_released(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    say_publicly(cast, incident)
    say_publicly(cast, incident, status="identified", now=later(10))
    PageChange.objects.all().delete()
    change_incident(actor=cast.actor("commander"), now=later(11), incident_id=incident.pk, restricted=True)
    assert not PublicIncident.objects.exists()
    assert not PublicUpdate.objects.exists()
    assert PageChange.objects.count() == 1
    change_incident(actor=cast.actor("commander", stepped_up=True, now=later(12)), now=later(12), incident_id=incident.pk, restricted=False)
    shown = PublicIncident.objects.get()
    assert [update.at for update in shown.updates.all()] == [later(10), NOW]


def test_an_update_tells_what_it_changed_of_each_component(cast: Cast) -> None:
    cards, transfers = make_component(name="Cards"), make_component(name="Transfers")
    hidden = make_component(name="Fraud engine", is_public=False)
    incident = make_incident(actor=cast.actor("commander"))
    parts = [(cards, ComponentStatus.MAJOR_OUTAGE), (hidden, ComponentStatus.MAJOR_OUTAGE), (transfers, ComponentStatus.OPERATIONAL)]
    first = say_publicly(cast, incident, components=parts, now=later(1))
    second = say_publicly(cast, incident, status="identified", components=[(cards, ComponentStatus.PARTIAL_OUTAGE)], now=later(2))

    def told(code: str) -> list[tuple[str, str, str]]:
        affected = PublicUpdate.objects.get(code=code).affected.select_related("component")
        return [(part.component.name, part.old_status, part.new_status) for part in affected]

    assert told(first.update_of.public_id) == [("Cards", "operational", "major_outage"), ("Transfers", "operational", "operational")]
    assert told(second.update_of.public_id) == [("Cards", "major_outage", "partial_outage")]


def test_components_follow_the_catalogue_with_their_groups(cast: Cast) -> None:
    group = create_group(actor=cast.actor("admin"), now=NOW, name="Payments")
    cards = make_component(name="Cards", group=group)
    set_component_status(actor=cast.actor("commander"), now=later(1), component=cards, status="partial_outage")
    shown = PublicComponent.objects.get()
    assert (shown.name, shown.status, shown.status_before) == ("Cards", "partial_outage", "operational")
    assert shown.group is not None
    assert shown.group.name == "Payments"


def test_a_component_that_is_no_longer_public_goes_with_its_empty_group(cast: Cast) -> None:
    group = create_group(actor=cast.actor("admin"), now=NOW, name="Payments")
    cards = make_component(name="Cards", group=group)
    Component.objects.filter(pk=cards.pk).update(is_public=False)
    project_component(ComponentChanged(component_id=cards.pk, old_status="operational", new_status="operational", at=later(1)))
    assert not PublicComponent.objects.exists()
    assert not PublicGroup.objects.exists()


def test_control_characters_in_wording_do_not_reach_the_page(cast: Cast) -> None:
    say_publicly(cast, make_incident(actor=cast.actor("commander")), body="Cards\x0b fail\x1b[31m\nstill.")
    assert PublicUpdate.objects.get().body == "Cards fail[31m\nstill."


def test_a_release_that_fails_leaves_nothing_in_the_projection(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: object) -> None:
        raise RuntimeError("the last handler fails")

    incident = make_incident(actor=cast.actor("commander"))
    monkeypatch.setitem(events._in_transaction, UpdateReleased, [*events._in_transaction[UpdateReleased], fail])
    with pytest.raises(RuntimeError, match="last handler"):
        say_publicly(cast, incident)
    assert not PublicIncident.objects.exists()
    assert not Entry.objects.filter(type="update.released").exists()
