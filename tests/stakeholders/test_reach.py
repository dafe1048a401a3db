"""Who is reached through which audience."""

import pytest

from accounts.actors import system
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.queries import (
    address_of_user,
    audience_keys,
    internal_audience_keys,
    public_audience_key,
    reach_counts,
    reachable_contact_points,
)
from stakeholders.services import add_members, opt_out, register_stakeholder, suppress_contact_point
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def registered(cast: Cast, name: str, *audiences: str) -> Stakeholder:
    comms = cast.actor("comms")
    kind = "person" if "internal" in audiences else "customer"
    stakeholder = register_stakeholder(actor=comms, now=NOW, kind=kind, name=name, email=f"{name}@example.com")
    for key in audiences:
        add_members(actor=comms, now=NOW, audience=Audience.objects.get(key=key), stakeholders=[stakeholder])
    return stakeholder


def address(stakeholder: Stakeholder) -> ContactPoint:
    return stakeholder.contact_points.get()


def reached(*keys: str) -> list[str]:
    return sorted(reachable_contact_points(keys).values_list("address", flat=True))


def test_the_shipped_audiences_are_customers_on_the_public_page_and_colleagues() -> None:
    assert audience_keys() == ["customers", "internal"]
    assert public_audience_key() == "customers"
    assert internal_audience_keys() == {"internal"}


def test_an_address_in_two_audiences_is_reached_once(cast: Cast) -> None:
    registered(cast, "ada", "customers", "internal")
    registered(cast, "bob", "internal")
    registered(cast, "eve")
    assert reached("customers", "internal") == ["ada@example.com", "bob@example.com"]
    assert reached("customers") == ["ada@example.com"]
    assert reached() == []


def test_a_suppressed_address_is_not_reached(cast: Cast) -> None:
    ada = registered(cast, "ada", "customers")
    suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=address(ada), reason="550 no such user")
    assert reached("customers") == []


def test_opting_out_of_one_audience_leaves_the_other(cast: Cast) -> None:
    ada = registered(cast, "ada", "customers", "internal")
    opt_out(
        actor=system("unsubscribe"),
        now=NOW,
        contact_point=address(ada),
        audience=Audience.objects.get(key="customers"),
        source="one_click",
    )
    assert reached("customers") == []
    assert reached("internal") == ["ada@example.com"]
    assert reached("customers", "internal") == ["ada@example.com"]


def test_an_opt_out_holds_for_the_address_that_asked_and_no_other(cast: Cast) -> None:
    ada = registered(cast, "ada", "customers")
    second = ada.contact_points.create(kind="email", address="second@example.com", created_at=NOW)
    opt_out(actor=system("unsubscribe"), now=NOW, contact_point=second, audience=Audience.objects.get(key="customers"), source="page")
    assert reached("customers") == ["ada@example.com"]


def test_counts_agree_with_the_addresses_reached(cast: Cast) -> None:
    ada = registered(cast, "ada", "customers", "internal")
    registered(cast, "bob", "customers")
    eve = registered(cast, "eve", "customers")
    suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=address(eve), reason="550")
    opt_out(actor=system("unsubscribe"), now=NOW, contact_point=address(ada), audience=Audience.objects.get(key="customers"), source="page")
    assert reach_counts(["customers", "internal", "nobody"]) == {"customers": 1, "internal": 1, "nobody": 0}


def test_reaching_is_one_statement_without_a_join_on_the_outside(cast: Cast) -> None:
    sql, _ = reachable_contact_points(["customers"]).values_list("pk", flat=True).query.sql_with_params()
    outside = sql.split("EXISTS", 1)[0]
    assert "JOIN" not in outside
    assert "DISTINCT" not in outside
    assert "ORDER BY" not in sql


def test_the_address_of_a_user_is_the_one_of_their_stakeholder(cast: Cast) -> None:
    assert address_of_user(cast.commander) is None
    register_stakeholder(actor=cast.actor("admin"), now=NOW, kind="person", name="Commander", email="c@example.com", user=cast.commander)
    found = address_of_user(cast.commander)
    assert found is not None
    assert found.address == "c@example.com"
