"""Second accounts of one person: found, linked, and never parted again."""

import uuid

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.queries import persons_of
from accounts.rules.mailboxes import same_mailbox
from accounts.services.people import create_user
from accounts.services.persons import link_accounts, note_subject
from audit.queries import entries
from core.errors import Forbidden, InvalidInput
from tests.support.cast import NOW, Cast


def make(cast: Cast, name: str, email: str) -> User:
    return create_user(actor=cast.actor("admin"), now=NOW, username=name, email=email)


def link(cast: Cast, one: User, other: User, *, by: str = "admin", reason: str = "Seen at the desk") -> None:
    link_accounts(actor=cast.actor(by), now=NOW, user=one, other=other, reason=reason)


def people(*users: User) -> int:
    return len(persons_of([user.pk for user in users]))


def test_everybody_is_their_own_person_at_first(cast: Cast) -> None:
    assert {user.person for user in User.objects.all()} == {user.pk for user in User.objects.all()}
    assert persons_of([cast.comms.pk, str(cast.comms2.pk)]) == {str(cast.comms.pk), str(cast.comms2.pk)}


@pytest.mark.parametrize("address", ["Comms+two@Example.com", "comms+@example.com"])
def test_another_account_of_the_same_mailbox_is_the_same_person(cast: Cast, address: str) -> None:
    second = make(cast, "kim", address)
    assert people(second, cast.comms) == 1
    assert [entry.type for entry in entries().order_by("-index")[:2]] == ["user.linked", "user.created"]


def test_a_verified_further_address_counts_and_an_unverified_one_does_not(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.comms, email="kim@home.example", verified=True)
    EmailAddress.objects.create(user=cast.legal, email="lee@home.example", verified=False)
    assert people(make(cast, "kim", "KIM@home.example"), cast.comms) == 1
    assert people(make(cast, "lee", "lee@home.example"), cast.legal) == 2


def test_one_subject_of_one_provider_is_one_person_exactly_as_written(cast: Cast) -> None:
    for user, issuer, subject in [
        (cast.comms, "https://login.example.com", "aX1"),
        (cast.legal, "https://login.example.com", "ax1"),
        (cast.pr, "https://elsewhere.example", "aX1"),
        (cast.comms2, "https://login.example.com", "aX1"),
    ]:
        note_subject(actor=cast.actor("admin"), now=NOW, user=user, issuer=issuer, subject=subject)
    assert people(cast.comms, cast.comms2) == 1
    assert people(cast.comms, cast.legal, cast.pr) == 3


def test_an_administrator_links_with_a_reason_and_links_reach_through(cast: Cast) -> None:
    link(cast, cast.comms, cast.comms2)
    link(cast, cast.techlead, cast.techlead2)
    link(cast, cast.comms2, cast.techlead2, reason="One desk, one badge")
    assert people(cast.comms, cast.comms2, cast.techlead, cast.techlead2) == 1
    entry = entries().latest("index")
    assert entry.type == "user.linked"
    assert b"One desk, one badge" in bytes(entry.body)


def test_linking_what_is_linked_changes_and_records_nothing(cast: Cast) -> None:
    link(cast, cast.comms, cast.comms2)
    before = entries().count()
    link(cast, cast.comms2, cast.comms)
    assert entries().count() == before


@pytest.mark.parametrize("name", ["outsider", "commander", "manager", "auditor"])
def test_only_an_administrator_links(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        link(cast, cast.comms, cast.comms2, by=name)
    with pytest.raises(Forbidden):
        note_subject(actor=cast.actor(name), now=NOW, user=cast.comms, issuer="x", subject="y")
    assert people(cast.comms, cast.comms2) == 2


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_link_needs_a_reason(cast: Cast, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        link(cast, cast.comms, cast.comms2, reason=reason)
    assert list(refused.value.fields) == ["reason"]


def test_an_account_is_not_linked_to_itself(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refused:
        link(cast, cast.comms, cast.comms)
    assert list(refused.value.fields) == ["other"]


def run(sql: str, *values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused_by(constraint: str, sql: str, *values: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        run(sql, *values)
    assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]  # psycopg2's error


def test_the_database_never_parts_accounts_of_one_person(cast: Cast) -> None:
    link(cast, cast.comms, cast.comms2)
    refused_by("accounts_person_never_split", "UPDATE accounts_user SET person = %s WHERE username = 'comms2'", str(uuid.uuid4()))
    refused_by("accounts_person_never_split", "UPDATE accounts_user SET person = %s WHERE username = 'comms'", str(uuid.uuid4()))


def test_the_database_knows_one_mailbox_by_whatever_road(cast: Cast) -> None:
    sql = "UPDATE accounts_user SET email = %s WHERE username = 'legal'"
    refused_by("accounts_one_mailbox_one_person", sql, "COMMS+x@example.com")
    with transaction.atomic():
        run(sql, "lee@example.com")


def test_the_database_knows_one_subject_by_whatever_road(cast: Cast) -> None:
    note_subject(actor=cast.actor("admin"), now=NOW, user=cast.comms, issuer="https://login.example.com", subject="a")
    refused_by(
        "accounts_one_subject_one_person",
        "INSERT INTO accounts_ssosubject (user_id, issuer, subject, noted_at) VALUES (%s, 'https://login.example.com', 'a', now())",
        str(cast.legal.pk),
    )
    refused_by(
        "accounts_subject_not_empty",
        "INSERT INTO accounts_ssosubject (user_id, issuer, subject, noted_at) VALUES (%s, '', 'a', now())",
        str(cast.legal.pk),
    )


@pytest.mark.parametrize("address", ["ada@example.com", "Ada+x+y@Example.com", "a.b+@x.y", "@example.com", "ada@", "ada", "", "+t@x.y"])
def test_program_and_database_mean_the_same_mailbox(cast: Cast, address: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_mailbox(%s)", [address])
        assert (cursor.fetchone()[0] or "") == same_mailbox(address)
