"""Making audiences and filling them; ceasing to write to an address."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import system
from audit.models import Entry
from core.errors import Conflict, Forbidden, InvalidInput
from stakeholders.models import Audience, OptOut, Stakeholder
from stakeholders.queries import audience_keys
from stakeholders.services import (
    NewStakeholder,
    add_members,
    create_audience,
    lift_suppression,
    opt_out,
    register_stakeholder,
    register_stakeholders,
    suppress_contact_point,
)
from tests.support.cast import NOW, Cast
from tests.support.releases import subscribers

pytestmark = pytest.mark.django_db


def people(cast: Cast, count: int) -> list[Stakeholder]:
    given = [NewStakeholder("customer", f"Customer {number}", f"c{number}@example.com") for number in range(count)]
    return register_stakeholders(actor=cast.actor("comms"), now=NOW, people=given)


def customers() -> Audience:
    return Audience.objects.get(key="customers")


def body_of(type_: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(bytes(Entry.objects.filter(type=type_).latest("index").body))
    return body


def test_a_new_audience_stands_last(cast: Cast) -> None:
    made = create_audience(actor=cast.actor("comms"), now=NOW, key="partners", name="Partners")
    assert audience_keys() == ["customers", "internal", "partners"]
    assert Entry.objects.get(type="audience.created").subject == f"audience:{made.public_id}"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("key", {"key": "Big Partners"}),
        ("key", {"key": ""}),
        ("key", {"key": "x" * 65}),
        ("name", {"name": " "}),
        ("is_internal", {"is_public": True, "is_internal": True}),
    ],
)
def test_an_audience_that_cannot_be_is_refused_by_field(cast: Cast, field: str, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_audience(actor=cast.actor("comms"), now=NOW, **({"key": "partners", "name": "Partners"} | values))
    assert list(refused.value.fields) == [field]


def test_a_key_and_the_public_page_are_taken_once(cast: Cast) -> None:
    with pytest.raises(Conflict, match="choose another key"):
        create_audience(actor=cast.actor("comms"), now=NOW, key="customers", name="More customers")
    with pytest.raises(Conflict, match="only one can be"):
        create_audience(actor=cast.actor("comms"), now=NOW, key="public", name="Public", is_public=True)
    with pytest.raises(IntegrityError, match="stakeholders_one_public_audience"), transaction.atomic():
        Audience.objects.create(key="public", name="Public", is_public=True, created_at=NOW)


def test_who_is_in_an_audience_already_is_not_added_again(cast: Cast) -> None:
    ada, bob = people(cast, 2)
    assert add_members(actor=cast.actor("comms"), now=NOW, audience=customers(), stakeholders=[ada, ada]) == 1
    assert add_members(actor=cast.actor("comms"), now=NOW, audience=customers(), stakeholders=[ada, bob]) == 1
    assert body_of("audience.members_added") == {"count": 1, "ids": [bob.public_id]}
    assert add_members(actor=cast.actor("comms"), now=NOW, audience=customers(), stakeholders=[ada, bob]) == 0
    assert Entry.objects.filter(type="audience.members_added").count() == 2


def test_registering_into_audiences_is_one_unit_whose_last_statement_is_the_log(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as captured:
        register_stakeholder(
            actor=cast.actor("comms"), now=NOW, kind="person", name="Ada", email="ada@example.com", audiences=list(Audience.objects.all())
        )
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert [position for position, sql in enumerate(statements) if "audit_head" in sql] == [len(statements) - 2]
    assert sum("FOR NO KEY UPDATE" in sql for sql in statements) == 2
    assert Entry.objects.count() == 3


def test_a_long_list_is_logged_by_its_number_and_hash(cast: Cast) -> None:
    assert add_members(actor=cast.actor("comms"), now=NOW, audience=customers(), stakeholders=people(cast, 101)) == 101
    assert set(body_of("audience.members_added")) == {"count", "ids_hash"}


def test_the_first_reason_for_not_writing_stands(cast: Cast) -> None:
    (ada,) = people(cast, 1)
    point = ada.contact_points.get()
    suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=point, reason="550 no such user")
    again = suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=point, reason="Another.")
    assert (again.suppressed_at, again.suppression_reason) == (NOW, "550 no such user")
    assert Entry.objects.filter(type="contact_point.suppressed").count() == 1
    with pytest.raises(InvalidInput):
        suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=point, reason=" ")


def test_opting_out_twice_is_one_opt_out(cast: Cast) -> None:
    (ada,) = people(cast, 1)
    for _ in range(2):
        opt_out(actor=system("unsubscribe"), now=NOW, contact_point=ada.contact_points.get(), audience=customers(), source="one_click")
    assert OptOut.objects.get().source == "one_click"
    assert body_of("contact_point.opted_out")["audience"] == "customers"
    assert Entry.objects.filter(type="contact_point.opted_out").count() == 1


@pytest.mark.parametrize("name", ["outsider", "commander", "techlead", "auditor", "responder"])
def test_who_may_not_write_the_register_changes_nothing(cast: Cast, name: str) -> None:
    (ada,) = people(cast, 1)
    actor, point = cast.actor(name), ada.contact_points.get()
    with pytest.raises(Forbidden):
        create_audience(actor=actor, now=NOW, key="partners", name="Partners")
    with pytest.raises(Forbidden):
        add_members(actor=actor, now=NOW, audience=customers(), stakeholders=[ada])
    with pytest.raises(Forbidden):
        suppress_contact_point(actor=actor, now=NOW, contact_point=point, reason="Because.")
    with pytest.raises(Forbidden):
        opt_out(actor=actor, now=NOW, contact_point=point, audience=customers(), source="page")
    assert not OptOut.objects.exists()
    assert not customers().members.exists()


def test_a_suppression_is_lifted_for_a_reason_by_who_keeps_the_register(cast: Cast) -> None:
    (point,) = subscribers("back@example.com")
    suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=point, reason="550")
    with pytest.raises(Forbidden):
        lift_suppression(actor=cast.actor("outsider"), now=NOW, contact_point=point, reason="It works again.")
    with pytest.raises(InvalidInput):
        lift_suppression(actor=cast.actor("admin"), now=NOW, contact_point=point, reason=" ")
    for _ in range(2):
        lifted = lift_suppression(actor=cast.actor("admin"), now=NOW, contact_point=point, reason="It works again.")
    assert (lifted.suppressed_at, lifted.suppression_reason) == (None, "")
    assert Entry.objects.filter(type="contact_point.suppression_lifted").count() == 1
