"""Versions that have been proposed or in force are kept as they were, and two people put one in force: by the database itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from policies.models import PolicyVersion, PolicyVersionAuthor
from policies.queries import active_policy
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def draft(author: User | None = None, number: int = 3) -> PolicyVersion:
    version = PolicyVersion.objects.create(number=number, rules=[], created_at=NOW)
    if author is not None:
        version.authors.create(user=author, first_at=NOW, last_at=NOW)
    return version


def change(version: PolicyVersion, **values: Any) -> None:
    PolicyVersion.objects.filter(pk=version.pk).update(**values)


def refused(by: str, act: Callable[[], object]) -> None:
    def act_and_end() -> None:
        act()
        # What is checked at the end of a transaction is checked now.
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError) as error, transaction.atomic():
        act_and_end()
    cause = error.value.__cause__
    assert cause is not None
    assert cause.diag.constraint_name == by  # type: ignore[attr-defined]


def proposed(author: User | None = None) -> PolicyVersion:
    version = draft(author)
    change(version, state="proposed")
    return version


@pytest.mark.parametrize("values", [{"rules": []}, {"number": 9}, {"note": "x"}, {"activated_by": None, "activated_at": None}])
def test_the_version_in_force_cannot_be_rewritten(values: dict[str, object]) -> None:
    refused("policies_version_kept", lambda: change(active_policy(), **values))


def test_what_is_proposed_cannot_be_rewritten_but_withdrawn() -> None:
    version = proposed()
    refused("policies_version_kept", lambda: change(version, rules=[{"key": "another"}]))
    change(version, state="draft")
    change(version, rules=[{"key": "another"}])


def test_only_a_draft_can_be_deleted() -> None:
    refused("policies_version_kept", active_policy().delete)
    refused("policies_version_kept", proposed().delete)
    draft(number=4).delete()


@pytest.mark.parametrize("state", ["proposed", "active", "retired"])
def test_a_version_begins_as_a_draft(state: str) -> None:
    refused("policies_version_moves", lambda: PolicyVersion.objects.create(number=3, state=state, rules=[], created_at=NOW))


@pytest.mark.parametrize(
    ("old", "new"), [("draft", "active"), ("draft", "retired"), ("retired", "active"), ("retired", "draft"), ("active", "draft")]
)
def test_no_other_way_leads_from_one_state_to_another(old: str, new: str) -> None:
    version = {"draft": draft, "retired": lambda: PolicyVersion.objects.get(number=1), "active": active_policy}[old]()
    assert version.state == old
    refused("policies_version_moves", lambda: change(version, state=new))


def in_force(version: PolicyVersion, by: User | None) -> None:
    PolicyVersion.objects.filter(state="active").update(state="retired")
    change(version, state="active", activated_by=by, activated_at=NOW)


def test_who_changed_it_last_does_not_put_it_in_force(cast: Cast) -> None:
    version = proposed(cast.admin)
    refused("policies_two_people", lambda: in_force(version, cast.admin))
    refused("policies_two_people", lambda: in_force(version, None))
    in_force(version, cast.commander)
    assert active_policy() == version


def test_two_versions_are_never_in_force_at_once(cast: Cast) -> None:
    version = proposed(cast.admin)
    refused("policies_one_active", lambda: change(version, state="active", activated_by=cast.commander, activated_at=NOW))


def test_a_state_nobody_knows_is_refused() -> None:
    # The trigger comes first; behind it stands the check.
    refused("policies_version_moves", lambda: change(draft(), state="lost"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE policies_policyversion DISABLE TRIGGER policies_version_kept")
    refused("policies_state_known", lambda: change(PolicyVersion.objects.get(number=1), state="lost"))


def test_authors_are_kept_as_long_as_the_version_is(cast: Cast) -> None:
    author = PolicyVersionAuthor.objects.get(version=draft(cast.admin))
    refused("policies_authors_kept", author.delete)
    refused("policies_authors_kept", lambda: PolicyVersionAuthor.objects.update(user=cast.commander))
    refused("policies_author_once", lambda: PolicyVersionAuthor.objects.create(
        version=author.version, user=cast.admin, first_at=NOW, last_at=NOW
    ))  # fmt: skip
    author.version.delete()
    assert not PolicyVersionAuthor.objects.exists()


def test_neither_table_is_emptied() -> None:
    for table in ("policies_policyversion", "policies_policyversionauthor"):
        with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
            connection.cursor().execute(f"TRUNCATE {table} CASCADE")
