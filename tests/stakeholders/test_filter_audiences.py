"""Audiences by filter: the same people in SQL as by the rule in plain words, minus whoever must not be written to."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.models import Component
from stakeholders.models import Audience, AudienceMember, ContactPoint, OptOut, Stakeholder
from stakeholders.queries import members_of, reach_counts, reachable_contact_points
from stakeholders.queries.circles import Circle
from stakeholders.queries.previews import audiences_of, entry_of, preview, unreached, why_belongs
from stakeholders.rules.filters import Entry, holds
from stakeholders.rules.reading_filters import read_filter
from tests.stakeholders.filters import ENTRIES, FILTERS, WORDS
from tests.support.cast import NOW

pytestmark = pytest.mark.django_db
KEY_ACCOUNTS = {"fact": "tier", "op": "in", "value": ["strategic", "key"]}


def registered(name: str, **fields: Any) -> Stakeholder:
    given = {"kind": "customer", "created_at": NOW} | fields
    made = Stakeholder.objects.create(name=name, **given)
    made.contact_points.create(kind="email", address=f"{name}@example.com", created_at=NOW)
    return made


def filtered(written: dict[str, Any], key: str = "accounts", **fields: Any) -> Audience:
    return Audience.objects.create(key=key, name=key.capitalize(), filter=written, created_at=NOW, position=9, **fields)


def reached(*keys: str, kind: str = "email") -> list[str]:
    return sorted(reachable_contact_points(keys, kind).values_list("stakeholder__name", flat=True))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=FILTERS, entries=st.lists(ENTRIES, max_size=4))
def test_sql_finds_exactly_those_of_whom_the_filter_holds(written: dict[str, Any], entries: list[Entry]) -> None:
    with transaction.atomic():
        components = {key: Component.objects.create(key=key, name=key, created_at=NOW, updated_at=NOW) for key in WORDS["component"]}
        made = []
        for number, entry in enumerate(entries):
            one = registered(
                f"reader{number}", kind=entry.kind, language=entry.language, tier=entry.tier, region=entry.region, tags=sorted(entry.tag)
            )
            one.depends_on.set([components[key] for key in entry.component])
            made.append(one)
            assert entry_of(one) == entry
        audience = filtered(written)
        wanted = sorted(one.name for one, entry in zip(made, entries, strict=True) if holds(read_filter(written), entry))
        assert sorted(members_of(["accounts"]).values_list("name", flat=True)) == wanted
        assert reached("accounts") == wanted
        for one in made:
            assert why_belongs(Circle.of(audience), one).belongs is (one.name in wanted)
        transaction.set_rollback(True)


def test_whoever_is_on_the_list_belongs_beside_the_filter_and_says_so() -> None:
    ada, bob, eve = registered("ada", tier="key"), registered("bob"), registered("eve")
    audience = filtered(KEY_ACCOUNTS)
    AudienceMember.objects.create(audience=audience, stakeholder=bob, added_at=NOW)
    assert reached("accounts") == ["ada", "bob"]
    assert why_belongs(Circle.of(audience), ada).reasons == ("the tier is strategic or key",)
    assert why_belongs(Circle.of(audience), bob).reasons == ("it was put on the list by hand or subscribed",)
    assert why_belongs(Circle.of(audience), eve).reasons == ("it does not hold that the tier is strategic or key",)
    assert [found.key for found, _ in audiences_of(ada)] == ["accounts"]


def test_an_opt_out_holds_for_its_audience_and_a_second_one_still_reaches() -> None:
    ada = registered("ada", tier="key", language="de")
    accounts, _ = filtered(KEY_ACCOUNTS), filtered({"fact": "language", "op": "in", "value": ["de"]}, key="german")
    OptOut.objects.create(contact_point=ada.contact_points.get(), audience=accounts, at=NOW, source="page")
    assert reached("accounts") == []
    assert reached("german") == ["ada"]
    assert reached("accounts", "german", "customers") == ["ada"]
    assert reach_counts(["accounts", "german", "customers"]) == {"accounts": 0, "german": 1, "customers": 0}


def test_lists_and_filters_together_reach_each_address_once() -> None:
    ada, bob = registered("ada", tier="key"), registered("bob")
    filtered(KEY_ACCOUNTS)
    filtered({"fact": "language", "op": "in", "value": ["en"]}, key="english")
    for one in (ada, bob):
        AudienceMember.objects.create(audience=Audience.objects.get(key="customers"), stakeholder=one, added_at=NOW)
    assert reached("accounts", "english", "customers") == ["ada", "bob"]


def test_it_follows_the_register() -> None:
    ada = registered("ada")
    filtered(KEY_ACCOUNTS)
    assert reached("accounts") == []
    Stakeholder.objects.filter(pk=ada.pk).update(tier="key")
    assert reached("accounts") == ["ada"]


def test_a_preview_counts_people_channels_and_whom_nothing_reaches() -> None:
    ada = registered("ada", tier="key")
    ada.contact_points.create(kind="sms", address="+4915112345678", position=1, created_at=NOW)
    bob, eve, kim, lea = (registered(name, tier="key") for name in ("bob", "eve", "kim", "lea"))
    ContactPoint.objects.filter(stakeholder=bob).update(suppressed_at=NOW, suppression_kind="bounce", suppression_reason="550")
    ContactPoint.objects.filter(stakeholder=eve).update(verification="pending")
    ContactPoint.objects.filter(stakeholder=kim).delete()
    audience = filtered(KEY_ACCOUNTS)
    OptOut.objects.create(contact_point=lea.contact_points.get(), audience=audience, at=NOW, source="page")
    seen = preview(Circle.of(audience))
    assert (seen.people, seen.people_reached, seen.addresses) == (5, 1, {"email": 1, "sms": 1})
    assert seen.unreached == {"suppressed": 1, "unconfirmed": 1, "no_address": 1, "opted_out": 1}
    assert [one.name for one in seen.sample] == ["ada", "bob", "eve", "kim", "lea"]
    assert unreached(Circle.of(audience), kinds=["sms"]) == seen.unreached
    registered("max", tier="key")
    assert unreached(Circle.of(audience), kinds=["sms"])["other_channel"] == 1
    unsaved = preview(Circle(None, read_filter(KEY_ACCOUNTS)), sample=2)
    assert (unsaved.people, unsaved.addresses["email"], len(unsaved.sample)) == (6, 3, 2)


def test_an_internal_audience_by_filter_has_colleagues_alone_in_the_database_too() -> None:
    for written in (
        KEY_ACCOUNTS,
        {"all": [KEY_ACCOUNTS]},
        {"any": [{"fact": "kind", "op": "in", "value": ["person", "team"]}]},
        {"all": [{"fact": "kind", "op": "in", "value": ["person", "customer"]}]},
        {"all": [{"fact": "kind", "op": "not_in", "value": ["person", "team"]}]},
        {"all": [{"fact": "kind", "op": "in", "value": ["person", "team"]}], "any": [KEY_ACCOUNTS]},
    ):
        with pytest.raises(IntegrityError, match="stakeholders_filter_for_colleagues"), transaction.atomic():
            filtered(written, is_internal=True)
    filtered({"all": [{"fact": "kind", "op": "in", "value": ["person", "team"]}, KEY_ACCOUNTS]}, is_internal=True)
    outside = filtered(KEY_ACCOUNTS, key="outside")
    with pytest.raises(IntegrityError, match="stakeholders_filter_for_colleagues"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE stakeholders_audience SET is_internal = true WHERE id = %s", [outside.pk])


@pytest.mark.parametrize("written", ["'[]'", "'{}'", "'1'"])
def test_the_database_takes_no_filter_that_says_nothing(written: str) -> None:
    with pytest.raises(IntegrityError, match="stakeholders_filter_is_condition"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE stakeholders_audience SET filter = {written} WHERE key = 'customers'")  # noqa: S608 - words of the test
