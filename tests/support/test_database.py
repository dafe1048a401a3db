"""The flush between transactional tests empties append-only tables and leaves everything else as the migrations left it.

Two tests that do the same stand for "one after the other": each finds the database as if it were the first.
"""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from tests.support.database import LARGE

pytestmark = pytest.mark.django_db(transaction=True)


def scalar(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return None if row is None else row[0]


def triggers() -> object:
    return scalar("SELECT string_agg(tgname || tgenabled::text, ',' ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal")


@pytest.mark.parametrize("rows", [1, 40_000, 2], ids=["before a few rows", "before many", "after many"])
def test_a_transactional_test_starts_with_the_rows_of_the_migrations_alone(rows: int) -> None:
    assert scalar("SELECT size FROM audit_head") == 0
    assert scalar("SELECT count(*) FROM django_content_type") != 0
    assert scalar("SELECT count(*) FROM django_content_type WHERE app_label = 'planted'") == 0
    assert scalar("SELECT count(*) FROM accounts_user") == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_head SET size = 3")
        cursor.execute("INSERT INTO django_content_type (app_label, model) SELECT 'planted', n FROM generate_series(1, %s) n", [rows])
    User.objects.create_user("somebody")
    assert (scalar("SELECT pg_relation_size('django_content_type')") > LARGE) == (rows > 2)  # type: ignore[operator]  # a number


def test_every_trigger_stands_after_a_flush_as_it_stood_before() -> None:
    before = triggers()
    assert "audit_entry_no_truncateA" in str(before)
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    assert triggers() == before
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_entry")
