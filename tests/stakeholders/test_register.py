"""Taking people into the register."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.scopes import Scope
from audit.models import Entry
from core.errors import Conflict, Forbidden, InvalidInput
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.services import NewStakeholder, change_stakeholder, register_stakeholder, register_stakeholders
from stakeholders.services.addresses import normalise_email
from tests.support.cast import NOW, Cast


def registered(cast: Cast, **changes: Any) -> Stakeholder:
    values = {
        "kind": "customer",
        "name": "Ada Lovelace",
        "email": "Ada@Example.COM",
        "time_zone": "Europe/London",
        "language": "en-GB",
    } | changes
    return register_stakeholder(actor=cast.actor("comms"), now=NOW, **values)


@pytest.mark.parametrize(
    ("given_", "stored"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM ", "Ada@example.com"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("info@BÜCHER.example", "info@xn--bcher-kva.example"),
        ("a.b+c@sub.example.co.uk", "a.b+c@sub.example.co.uk"),
    ],
)
def test_an_address_is_stored_in_its_normal_form(given_: str, stored: str) -> None:
    assert normalise_email(given_) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@@example.com",
        "ada@example..com",
        "ada lovelace@example.com",
        "ada@example.com\nBcc: all@example.com",
        "ada\r\n@example.com",
        '"ada"@example.com',
        "ada@exa\x00mple.com",
        "Ada <ada@example.com>",
        "ada@example.com, bob@example.com",
        f"ada@{'x' * 64}.com",
        f"{'x' * 320}@example.com",
    ],
)
def test_what_is_no_address_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalise_email(text)
    assert refused.value.fields == {"email": ["Enter an e-mail address of the form name@example.com."]}


@given(st.text(max_size=40) | st.emails())
def test_the_normal_form_is_stable_and_safe_in_a_header(text: str) -> None:
    try:
        stored = normalise_email(text)
    except InvalidInput:
        return
    assert normalise_email(stored) == stored
    assert stored.isascii()
    assert not set(stored) & set("\r\n\x00 ,<>")


@pytest.mark.django_db
def test_somebody_registered_has_one_address_and_the_log_knows_neither_name_nor_address(cast: Cast) -> None:
    ada = registered(cast, user=cast.commander)
    assert (ada.name, ada.kind, ada.time_zone, ada.language) == ("Ada Lovelace", "customer", "Europe/London", "en-GB")
    assert ada.contact_points.get().address == "Ada@example.com"
    entry = Entry.objects.get(type="stakeholder.registered")
    assert entry.subject == f"stakeholder:{ada.public_id}"
    assert json.loads(bytes(entry.body))["user"] == str(cast.commander.pk)
    assert "lovelace" not in bytes(entry.body).decode().lower()
    assert "example" not in bytes(entry.body).decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "robot"),
        ("name", " "),
        ("name", "x" * 201),
        ("name", "Ada\nBcc: all@example.com"),
        ("name", "A\x00da"),
        ("email", "nobody"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../etc/passwd"),
        ("language", "English"),
        ("language", ""),
    ],
)
def test_a_field_that_cannot_be_used_is_named(cast: Cast, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        registered(cast, **{field: value})
    assert list(refused.value.fields) == [field]
    assert not Stakeholder.objects.exists()


@pytest.mark.django_db
def test_a_person_has_one_entry(cast: Cast) -> None:
    registered(cast, user=cast.commander)
    with pytest.raises(Conflict, match="in the register already"):
        registered(cast, user=cast.commander)


@pytest.mark.django_db
def test_a_list_is_taken_whole_or_not_at_all(cast: Cast) -> None:
    people = [NewStakeholder("customer", f"Customer {number}", f"c{number}@example.com") for number in range(300)]
    with pytest.raises(InvalidInput):
        register_stakeholders(actor=cast.actor("comms"), now=NOW, people=[*people, NewStakeholder("customer", "Bad", "bad")])
    assert not Stakeholder.objects.exists()
    made = register_stakeholders(actor=cast.actor("comms"), now=NOW, people=people)
    assert [one.contact_points.get().address for one in made[:2]] == ["c0@example.com", "c1@example.com"]
    assert ContactPoint.objects.count() == 300
    assert json.loads(bytes(Entry.objects.get().body))["count"] == 300


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["outsider", "commander", "techlead", "auditor", "responder", "legal"])
def test_who_may_not_write_the_register_writes_nothing(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        register_stakeholder(actor=cast.actor(name), now=NOW, kind="customer", name="Ada", email="ada@example.com")
    with pytest.raises(Forbidden):
        register_stakeholders(actor=cast.actor(name), now=NOW, people=[NewStakeholder("customer", "Ada", "ada@example.com")])
    assert not Stakeholder.objects.exists()


@pytest.mark.django_db
def test_a_token_keeps_the_register_by_its_scope_alone_and_never_beyond_its_person(cast: Cast) -> None:
    others = [scope for scope in Scope if scope is not Scope.STAKEHOLDERS_WRITE]
    for actor in (cast.program("comms", *others), cast.program("auditor", *Scope)):
        with pytest.raises(Forbidden):
            register_stakeholder(actor=actor, now=NOW, kind="customer", name="Ada", email="ada@example.com")
    program = cast.program("comms", Scope.STAKEHOLDERS_WRITE)
    assert register_stakeholder(actor=program, now=NOW, kind="customer", name="Ada", email="ada@example.com").pk


@pytest.mark.django_db
def test_a_correction_sets_what_is_given_and_is_logged_without_the_name(cast: Cast) -> None:
    ada = registered(cast)
    changed = change_stakeholder(actor=cast.actor("comms"), now=NOW, stakeholder=ada, name="Augusta King", time_zone="Europe/Paris")
    assert (changed.name, changed.time_zone, changed.language) == ("Augusta King", "Europe/Paris", "en-GB")
    assert json.loads(bytes(Entry.objects.get(type="stakeholder.changed").body)) == {"fields": ["name", "time_zone"]}
    change_stakeholder(actor=cast.actor("comms"), now=NOW, stakeholder=ada, name="Augusta King")
    assert Entry.objects.filter(type="stakeholder.changed").count() == 1
    with pytest.raises(InvalidInput) as refused:
        change_stakeholder(actor=cast.actor("comms"), now=NOW, stakeholder=ada, name="")
    assert list(refused.value.fields) == ["name"]
    with pytest.raises(Forbidden):
        change_stakeholder(actor=cast.actor("outsider"), now=NOW, stakeholder=ada, name="Eve")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["ada@Example.com", "ada", "ada @example.com", "ada@example.com\n", "a@b@c"])
def test_the_database_refuses_an_address_out_of_its_normal_form(cast: Cast, address: str) -> None:
    ada = registered(cast)
    with pytest.raises(IntegrityError, match="stakeholders_email_normal"), transaction.atomic():
        ada.contact_points.create(kind="email", address=address, created_at=NOW)
