"""Components: their services, their order, their API."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from audit.queries import entries_about
from catalogue.events import ComponentChanged
from catalogue.models import Component
from catalogue.queries import components_with_groups
from catalogue.rules.status import ComponentStatus, worst
from catalogue.services import create_component, create_group, set_component_status
from core import events
from core.clock import utc_now
from core.errors import Forbidden, InvalidInput, NotFound
from tests.support.cast import NOW, Cast

LIST = "/api/v1/components/"


@pytest.fixture
def checkout(cast: Cast) -> Component:
    return create_component(actor=cast.actor("admin"), now=NOW, key="checkout", name="Checkout")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[ComponentChanged]:
    """What a handler in the transaction hears."""
    told: list[ComponentChanged] = []
    monkeypatch.setitem(events._in_transaction, ComponentChanged, [told.append])
    return told


def test_groups_stand_in_their_order_and_components_without_one_come_last(cast: Cast) -> None:
    admin = cast.actor("admin")
    create_component(actor=admin, now=NOW, key="loose", name="Loose end")
    payments = create_group(actor=admin, now=NOW, name="Payments")
    create_group(actor=admin, now=NOW, name="Empty")
    for key in ("cards", "wallets"):
        create_component(actor=admin, now=NOW, key=key, name=key.capitalize(), group=payments)
    create_component(actor=admin, now=NOW, key="ledger", name="Ledger", group=payments, is_public=False)
    shown = [(block.group.name if block.group else None, [c.key for c in block.components]) for block in components_with_groups()]
    assert shown == [("Payments", ["cards", "wallets", "ledger"]), (None, ["loose"])]
    assert [[c.key for c in block.components] for block in components_with_groups(only_public=True)] == [["cards", "wallets"], ["loose"]]


def test_a_changed_status_is_recorded_and_announced(cast: Cast, checkout: Component, heard: list[ComponentChanged]) -> None:
    set_component_status(actor=cast.actor("commander"), now=NOW, component=checkout, status=ComponentStatus.MAJOR_OUTAGE)
    assert Component.objects.get().status == "major_outage"
    assert heard == [ComponentChanged(component_id=checkout.pk, old_status="operational", new_status="major_outage", at=NOW)]
    assert [entry.type for entry in entries_about(f"component:{checkout.public_id}")] == ["component.created", "component.status_changed"]


def test_setting_what_is_set_changes_and_announces_nothing(cast: Cast, checkout: Component, heard: list[ComponentChanged]) -> None:
    set_component_status(actor=cast.actor("commander"), now=NOW, component=checkout, status="operational")
    assert heard == []
    assert entries_about(f"component:{checkout.public_id}").count() == 1


def test_an_unknown_status_is_refused_with_the_known_ones(cast: Cast, checkout: Component) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_component_status(actor=cast.actor("commander"), now=NOW, component=checkout, status="broken")
    assert "major_outage" in refused.value.fields["status"][0]


def test_a_component_gone_meanwhile_is_not_found(cast: Cast, checkout: Component) -> None:
    Component.objects.all().delete()
    with pytest.raises(NotFound):
        set_component_status(actor=cast.actor("commander"), now=NOW, component=checkout, status="major_outage")


@pytest.mark.parametrize("name", ["outsider", "auditor", "responder", "legal"])
def test_others_make_and_change_no_components(cast: Cast, checkout: Component, name: str) -> None:
    actor = cast.actor(name)
    with pytest.raises(Forbidden):
        create_group(actor=actor, now=NOW, name="Mine")
    with pytest.raises(Forbidden):
        create_component(actor=actor, now=NOW, key="mine", name="Mine")
    with pytest.raises(Forbidden):
        set_component_status(actor=actor, now=NOW, component=checkout, status="major_outage")


def test_a_key_is_used_once_and_written_plainly(cast: Cast, checkout: Component) -> None:
    for wrong in ("checkout", "a b", ""):
        with pytest.raises(InvalidInput) as refused:
            create_component(actor=cast.actor("admin"), now=NOW, name="Again", key=wrong)
        assert list(refused.value.fields) == ["key"]


def test_the_worst_of_several_states_stands_for_all() -> None:
    assert worst([ComponentStatus.UNDER_MAINTENANCE, ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.OPERATIONAL]) == "partial_outage"
    assert worst([]) == "operational"


def test_the_list_filters_and_pages_by_cursor(cast: Cast) -> None:
    admin = cast.actor("admin")
    group = create_group(actor=admin, now=NOW, name="Payments")
    made = [create_component(actor=admin, now=NOW, key=f"c{n}", name="Same name", group=group if n < 2 else None) for n in range(5)]
    set_component_status(actor=admin, now=NOW, component=made[4], status="major_outage")
    client = cast.client("responder")
    seen, address, pages = [], f"{LIST}?page_size=2", 0
    while address:
        page = client.get(address).json()
        assert set(page) == {"next", "previous", "results"}
        seen += [one["key"] for one in page["results"]]
        address, pages = page["next"], pages + 1
    assert (seen, pages) == ([f"c{n}" for n in range(5)], 3)

    def keys(query: str) -> list[str]:
        return [one["key"] for one in client.get(f"{LIST}?{query}").json()["results"]]

    assert keys("status=major_outage") == ["c4"]
    assert keys(f"group={group.public_id}") == ["c0", "c1"]
    assert keys("key=c3&is_public=true") == ["c3"]
    assert client.get(f"{LIST}?status=broken").status_code == 400


def test_the_outsider_reads_no_components(cast: Cast, checkout: Component) -> None:
    client = cast.client("outsider")
    for path in (LIST, f"{LIST}{checkout.public_id}/"):
        assert client.get(path).status_code == 403
    assert client.patch(f"{LIST}{checkout.public_id}/", {"status": "major_outage"}, "application/json").status_code == 403
    assert Component.objects.get().status == "operational"


def test_a_session_sets_the_status_a_token_does_not(cast: Cast, checkout: Component) -> None:
    address, change = f"{LIST}{checkout.public_id}/", {"status": "partial_outage"}
    _, token = create_token(
        actor=cast.system(), now=utc_now(), user=cast.commander, name="bot", scopes=list(Scope), lifetime=timedelta(days=1)
    )
    bot = {"Authorization": f"Bearer {token}"}
    assert cast.client("commander").get(address).json()["status"] == "operational"
    assert Client().patch(address, change, "application/json", headers=bot).status_code == 403
    answer = cast.client("commander").patch(address, change, "application/json")
    assert (answer.status_code, answer.json()["status"]) == (200, "partial_outage")
    assert Client().get(address, headers=bot).json()["status"] == "partial_outage"
