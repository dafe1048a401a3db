"""`manage.py person`: how the first administrator comes in."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.rules.roles import Role
from audit.queries import entries
from tests.support.cast import PASSWORD, Cast


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
