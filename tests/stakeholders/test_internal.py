"""What goes to an internal audience passes no gate of the outside. So nobody outside is in one, by whichever way they would come in."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import InvalidInput
from stakeholders.models import Audience, AudienceMember, Stakeholder
from stakeholders.services import add_members, change_stakeholder, create_audience, register_stakeholder
from tests.support.cast import NOW, Cast
from tests.support.log import logged

pytestmark = pytest.mark.django_db

OUTSIDE = ("customer", "regulator", "organisation")
NAME = "stakeholders_internal_means_colleagues"


def internal() -> Audience:
    return Audience.objects.get(key="internal")


def somebody(cast: Cast, kind: str, *audiences: Audience) -> Stakeholder:
    return register_stakeholder(actor=cast.actor("comms"), now=NOW, kind=kind, name="Ada", email=f"{kind}@example.com", audiences=audiences)


def refused(statement: str, *values: int) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    diagnosis = getattr(caught.value.__cause__, "diag", None)
    assert diagnosis is not None
    assert diagnosis.constraint_name == NAME


@pytest.mark.parametrize("kind", OUTSIDE)
def test_nobody_outside_is_added_or_registered_into_one(cast: Cast, kind: str) -> None:
    other = somebody(cast, kind)
    with pytest.raises(InvalidInput) as refusal:
        add_members(actor=cast.actor("comms"), now=NOW, audience=internal(), stakeholders=[other])
    assert "audiences" in refusal.value.fields
    assert kind in refusal.value.message
    with pytest.raises(InvalidInput):
        register_stakeholder(actor=cast.actor("comms"), now=NOW, kind=kind, name="Eve", email="eve@example.com", audiences=[internal()])
    assert not AudienceMember.objects.exists()
    assert not Stakeholder.objects.filter(name="Eve").exists()


@pytest.mark.parametrize("kind", ["person", "team"])
def test_colleagues_are(cast: Cast, kind: str) -> None:
    somebody(cast, kind, internal())
    assert internal().members.count() == 1


def test_an_internal_audience_of_ones_own_is_held_to_it_too(cast: Cast) -> None:
    mine = create_audience(actor=cast.actor("comms"), now=NOW, key="mine", name="Mine", is_internal=True)
    with pytest.raises(InvalidInput):
        add_members(actor=cast.actor("comms"), now=NOW, audience=mine, stakeholders=[somebody(cast, "customer")])


def test_a_colleague_in_one_stays_a_colleague(cast: Cast) -> None:
    ada = somebody(cast, "person", internal())
    with pytest.raises(InvalidInput) as refusal:
        change_stakeholder(actor=cast.actor("comms"), now=NOW, stakeholder=ada, kind="customer")
    assert "kind" in refusal.value.fields
    change_stakeholder(actor=cast.actor("comms"), now=NOW, stakeholder=ada, kind="team")
    assert logged("stakeholder.changed")["kind"] == {"before": "person", "after": "team"}


def test_elsewhere_kinds_change_freely(cast: Cast) -> None:
    ada = somebody(cast, "person", Audience.objects.get(key="customers"))
    assert change_stakeholder(actor=cast.actor("comms"), now=NOW, stakeholder=ada, kind="customer").kind == "customer"


def test_the_api_says_which_field(cast: Cast) -> None:
    body = {"kind": "customer", "name": "Ada", "email": "ada@example.com", "audiences": ["internal"]}
    answer = cast.client("comms").post("/api/v1/stakeholders/", body, content_type="application/json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["audiences"]


@pytest.mark.parametrize("kind", OUTSIDE)
def test_the_database_refuses_a_member_from_outside(cast: Cast, kind: str) -> None:
    other, ada = somebody(cast, kind), somebody(cast, "person", internal())
    insert = "INSERT INTO stakeholders_audiencemember (audience_id, stakeholder_id, added_at) VALUES (%s, %s, now())"
    refused(insert, internal().pk, other.pk)
    refused("UPDATE stakeholders_audiencemember SET stakeholder_id = %s WHERE stakeholder_id = %s", other.pk, ada.pk)
    outside = somebody(cast, "organisation" if kind != "organisation" else "customer", Audience.objects.get(key="customers"))
    refused("UPDATE stakeholders_audiencemember SET audience_id = %s WHERE stakeholder_id = %s", internal().pk, outside.pk)


def test_the_database_refuses_to_call_an_audience_of_customers_internal(cast: Cast) -> None:
    partners = create_audience(actor=cast.actor("comms"), now=NOW, key="partners", name="Partners")
    change = "UPDATE stakeholders_audience SET is_internal = true WHERE id = %s"
    somebody(cast, "customer", partners)
    refused(change, partners.pk)
    partners.members.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(change, [partners.pk])
    assert Audience.objects.get(key="partners").is_internal


def test_the_database_refuses_another_kind_to_a_colleague_in_one(cast: Cast) -> None:
    ada = somebody(cast, "person", internal())
    refused("UPDATE stakeholders_stakeholder SET kind = 'customer' WHERE id = %s", ada.pk)


@pytest.mark.django_db(transaction=True)
def test_two_who_come_from_both_sides_at_once_do_not_pass_each_other_by(cast: Cast) -> None:
    """One puts a colleague into the audience while another makes them a customer: over two connections, in SQL."""
    ada, audience = somebody(cast, "person"), internal()
    errors: list[Exception] = []

    def over_another_connection(statement: str, *values: int) -> threading.Thread:
        def run() -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(statement, values)
            except IntegrityError as error:
                errors.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    insert = "INSERT INTO stakeholders_audiencemember (audience_id, stakeholder_id, added_at) VALUES (%s, %s, now())"
    change = "UPDATE stakeholders_stakeholder SET kind = 'customer' WHERE id = %s"
    orders: list[tuple[Callable[[], None], Callable[[], threading.Thread]]] = [
        (lambda: _now(insert, audience.pk, ada.pk), lambda: over_another_connection(change, ada.pk)),
        (lambda: _now(change, ada.pk), lambda: over_another_connection(insert, audience.pk, ada.pk)),
    ]
    for mine, theirs in orders:
        with transaction.atomic():
            mine()
            other = theirs()
            other.join(0.5)
            assert other.is_alive(), "the second waits for the first"
        other.join(10)
        assert not other.is_alive()
        assert len(errors) == 1
        errors.clear()
        AudienceMember.objects.all().delete()
        Stakeholder.objects.filter(pk=ada.pk).update(kind="person")


def _now(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
