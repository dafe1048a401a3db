"""`manage.py person`: how the first administrator comes in."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import TrainingRecord, User
from accounts.queries.availability import standings
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from audit.queries import entries
from core.clock import utc_now
from tests.support.cast import PASSWORD, Cast
from tests.support.log import logged


def person(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = PASSWORD) -> str:
    monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))
    out = StringIO()
    call_command("person", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_first_administrator_is_made_on_an_empty_database(monkeypatch: pytest.MonkeyPatch) -> None:
    said = person(monkeypatch, "root", "--email", "root@example.com", "--role", "administrator")
    made = User.objects.get()
    assert said == "root made, roles: administrator\n"
    assert made.roles == {Role.ADMINISTRATOR}
    assert made.check_password(PASSWORD)
    assert [(entry.type, entry.actor) for entry in entries()] == [("user.created", "system:command-line")]


def test_someone_who_is_there_gets_the_roles_given_and_keeps_the_password(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    person(monkeypatch, "legal", "--role", "legal", "--role", "arbiter", password="something else entirely")
    changed = User.objects.get(username="legal")
    assert changed.roles == {Role.LEGAL, Role.ARBITER}
    assert changed.check_password(PASSWORD)


def test_a_weak_password_makes_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="password"):
        person(monkeypatch, "ada", password="short")
    assert not User.objects.filter(username="ada").exists()


def test_training_and_subject_are_recorded_and_the_roles_stay(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said = person(
        monkeypatch, "legal", "--trained", "legal", "--trained-until", "2030-05-01", "--sso-subject", "https://login.example.com", "l-1"
    )  # fmt: skip
    assert said == "legal trained: legal until 2030-05-01\nlegal changed, roles: legal\n"
    assert User.objects.get(username="legal").roles == {Role.LEGAL}
    assert TrainingRecord.objects.filter(user=cast.legal, note="Recorded on the command line").count() == 1
    assert cast.legal.sso_subjects.get().subject == "l-1"


def test_a_person_is_made_trained(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    person(monkeypatch, "lou", "--role", "technical_lead", "--trained", "technical")
    assert [one.user.username for one in standings(duty=Duty.TECHNICAL, at=utc_now()) if one.can_act] == ["lou", "techlead", "techlead2"]


@pytest.mark.parametrize("day", ["2020-01-01", "soon"])
def test_training_that_ends_before_it_begins_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    with pytest.raises(CommandError, match=r"trained-until|valid_until"):
        person(monkeypatch, "legal", "--trained", "legal", "--trained-until", day)


def test_two_accounts_are_said_to_be_one_persons_with_the_reason_on_record(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said = person(monkeypatch, "comms", "--same-as", "comms2", "They told us")
    assert "comms and comms2 are one person's accounts" in said
    assert User.objects.get(pk=cast.comms.pk).person == User.objects.get(pk=cast.comms2.pk).person
    assert User.objects.get(username="comms").roles == {Role.COMMS_REVIEWER}
    linked = logged("user.linked")
    assert (linked["reason"], linked["found_by"]) == ("They told us", "administrator")


def test_an_unknown_second_account_and_a_missing_reason_link_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for other, reason, words in (("nobody", "They told us", "no user called"), ("comms2", " ", "reason"), ("comms", "So", "one account")):
        with pytest.raises(CommandError, match=words):
            person(monkeypatch, "comms", "--same-as", other, reason)
    assert User.objects.get(pk=cast.comms.pk).person != User.objects.get(pk=cast.comms2.pk).person
