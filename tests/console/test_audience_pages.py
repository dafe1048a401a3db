"""Audiences and the routing, on their pages: filters made of fields, tried before they are saved; the matrix in words."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import given

from accounts.models import Team
from catalogue.models import Component
from console.forms.audience_filter import REGISTER, filter_written, tree_of_filter
from console.forms.policy_condition import acted, tree_of
from notifications.models import RoutingRule
from stakeholders.models import Audience, Stakeholder
from stakeholders.rules.filters import Entry, holds
from stakeholders.rules.reading_filters import read_filter
from tests.stakeholders.filters import ENTRIES, FILTERS
from tests.support.cast import NOW, Cast

PAGE = "/console/audiences/customers/"
TIER = {"c-parts": "1", "c-join": "all", "c.0-fact": "tier", "c.0-op": "in", "c.0-value": ["strategic", "key"]}


@given(stored=FILTERS, entry=ENTRIES)
def test_every_filter_survives_the_way_through_its_fields(stored: dict[str, Any], entry: Entry) -> None:
    again = filter_written(tree_of_filter(stored))
    assert again is None or holds(read_filter(again), entry) is holds(read_filter(stored), entry)


def test_conditions_are_added_and_taken_out_by_buttons() -> None:
    tree = acted(tree_of({"all": []}, REGISTER), "add:c", "tier")
    assert [words for _, words in tree.parts[0].operators] == ["is one of", "is none of", "is not given", "is given"]
    tree = acted(acted(tree, "add:c", "group"), "add:c.1", "region")
    assert [node.kind for node in tree.parts] == ["word", "group"]
    assert filter_written(acted(acted(tree, "remove:c.1", ""), "remove:c.0", "")) is None


@pytest.mark.django_db
def test_a_filter_is_made_looked_at_and_saved_without_a_script(cast: Cast) -> None:
    ada = Stakeholder.objects.create(name="Ada", kind="customer", tier="key", created_at=NOW)
    ada.contact_points.create(kind="email", address="ada@example.com", created_at=NOW)
    Stakeholder.objects.create(name="Bob", kind="customer", tier="strategic", created_at=NOW)
    client = cast.client("comms")
    assert "No condition yet" in client.get(PAGE).content.decode()
    added = client.post(PAGE, {"version": "1", "act": "add:c", "c-add": "tier", "c-parts": "0"}).content.decode()
    assert 'name="c.0-fact" value="tier"' in added
    looked = client.post(PAGE, TIER | {"version": "1", "act": "look"}).content.decode()
    assert "the tier is strategic or key" in looked
    assert "1 person who has no address in the register" in looked
    assert Audience.objects.get(key="customers").filter is None
    fragment = client.post(f"{PAGE}look/", TIER).content.decode()
    assert "<html" not in fragment
    assert "Ada" in fragment
    assert "written to: 1 e-mail" in fragment
    assert client.post(PAGE, TIER | {"version": "1", "act": "save"}).status_code == 302
    assert Audience.objects.get(key="customers").filter == {"fact": "tier", "op": "in", "value": ["strategic", "key"]}
    late = client.post(PAGE, {"version": "1", "act": "save", "c-parts": "0"})
    assert late.status_code == 409
    assert "Somebody changed this filter" in late.content.decode()
    asked = client.get(PAGE, {"who": "ada"}).content.decode()
    assert "belongs" in asked
    assert "does not belong" not in asked


@pytest.mark.django_db
def test_a_mistake_stands_beside_its_field_and_nothing_is_lost(cast: Cast) -> None:
    wrong = {"version": "1", "act": "save", "c-parts": "1", "c-join": "all", "c.0-fact": "region", "c.0-op": "in", "c.0-text": "EU West"}
    answer = cast.client("comms").post(PAGE, wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“EU West” is none of" in page
    assert 'value="EU West"' in page


@pytest.mark.django_db
def test_a_component_that_is_not_in_the_catalogue_is_pointed_out(cast: Cast) -> None:
    Component.objects.create(key="checkout", name="Checkout", created_at=NOW, updated_at=NOW)
    typed = {"c-parts": "1", "c-join": "all", "c.0-fact": "component", "c.0-op": "includes_any", "c.0-text": "checkout, chekout"}
    page = cast.client("comms").post(f"{PAGE}look/", typed).content.decode()
    assert "depends on Checkout or chekout" in page
    assert "no component “chekout”" in page


@pytest.mark.django_db
def test_owners_are_named_and_a_new_audience_is_made(cast: Cast) -> None:
    support = Team.objects.create(key="support", name="Support", group=Group.objects.create(name="team:support"))
    client = cast.client("comms")
    assert client.post(f"{PAGE}owners/", {"owner": support.pk, "deputy": ""}).status_code == 302
    assert Audience.objects.get(key="customers").owner == support
    assert client.post(f"{PAGE}owners/", {"owner": support.pk, "deputy": support.pk}).status_code == 422
    made = client.post("/console/audiences/new/", {"name": "Partners", "key": "partners", "description": ""})
    assert made.headers["Location"] == "/console/audiences/partners/"
    assert client.post("/console/audiences/new/", {"name": "Partners", "key": "partners"}).status_code == 422


@pytest.mark.django_db
def test_whoever_only_reads_sees_the_filter_in_words(cast: Cast) -> None:
    Audience.objects.filter(key="customers").update(filter={"fact": "tier", "op": "in", "value": ["key"]})
    page = cast.client("legal").get(PAGE).content.decode()
    assert "the tier is key" in page
    assert "Save who belongs" not in page
    assert cast.client("outsider").get(PAGE).status_code == 404
    assert cast.client("legal").post(PAGE, TIER | {"version": "1"}).status_code == 403


@pytest.mark.django_db
def test_the_matrix_says_what_will_happen_and_a_cell_is_changed(cast: Cast) -> None:
    client = cast.client("comms")
    page = client.get("/console/routing/").content.decode()
    assert "What e-mail has not taken over within 10 min goes by the next of them too." in page
    assert "As every audience." in page
    cell = "/console/routing/low/internal/"
    assert "Tell it as every audience" not in client.get(cell).content.decode()
    typed = {"version": "0", "channel": ["slack", "email"], "place-slack": "1", "minutes-slack": "5", "place-email": "2"}
    looked = client.post(cell, typed | {"act": "look"}).content.decode()
    assert "By the first of these that a person has an address for: Slack, e-mail." in looked
    assert not RoutingRule.objects.filter(urgency="low", audience__key="internal").exists()
    assert client.post(cell, typed | {"act": "save"}).status_code == 302
    assert RoutingRule.objects.get(urgency="low", audience__key="internal").channels[0]["channel"] == "slack"
    wrong = client.post(cell, typed | {"version": "1", "act": "save", "minutes-email": "9"})
    assert wrong.status_code == 422
    assert "Nothing follows e-mail" in wrong.content.decode()
    assert client.post(cell, {"version": "1", "act": "drop"}).status_code == 302
    assert not RoutingRule.objects.filter(urgency="low", audience__key="internal").exists()
    assert client.get("/console/routing/urgent/").status_code == 404
    assert cast.client("legal").get(cell).status_code == 403
    assert cast.client("outsider").get("/console/routing/").status_code == 404
