"""A trigger for each row sees no TRUNCATE: every table whose rows are guarded is guarded against being emptied too."""

import pytest
from django.db import IntegrityError, connection, transaction

# pg_trigger.tgtype, bit by bit: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_trigger.h
ROW, BEFORE, DELETE, UPDATE, TRUNCATE = 1, 2, 8, 16, 32
# Rows of these may change, and are a record of what happened all the same.
RECORDS = {"approvals_releaseschedule", "approvals_ratificationstep", "incidents_incident", "incidents_promisestep"}
# These refuse nothing: they write on other rows, or on this one, what holds for its address.
WRITE_ALONG = {"stakeholders_keep_stopped", "stakeholders_use_every_entry"}


def triggers() -> list[tuple[str, str, int]]:
    """Table, name and type of every trigger of ours that may refuse."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgtype FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) ORDER BY 1, 2"
        )
        return [row for row in cursor.fetchall() if row[1] not in WRITE_ALONG]


def keeps_rows(kind: int) -> bool:
    """Refuses, or may refuse, that a row is changed or taken away."""
    return bool(kind & ROW and (kind & DELETE or (kind & BEFORE and kind & UPDATE)))


def keeps_all(kind: int) -> bool:
    return bool(not kind & ROW and kind & BEFORE and kind & TRUNCATE)


@pytest.mark.django_db
def test_every_table_with_guarded_rows_is_guarded_against_being_emptied() -> None:
    rows = {table for table, _, kind in triggers() if keeps_rows(kind)}
    whole = {table for table, _, kind in triggers() if keeps_all(kind)}
    assert {"audit_entry", "approvals_review", "incidents_updaterevision"} <= rows
    assert (rows | RECORDS) - whole == set()


@pytest.mark.django_db
def test_each_of_them_refuses() -> None:
    """The table named comes first in a TRUNCATE, before those that refer to it: the refusal is its own."""
    for table in sorted({table for table, _, kind in triggers() if keeps_all(kind)}):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'TRUNCATE "{table}" CASCADE')


@pytest.mark.parametrize(
    "table",
    ["approvals_releasehold", "approvals_ruling", "incidents_policydecision", "templates_templaterule", "accounts_ssosubject"],
)
@pytest.mark.django_db
def test_the_refusal_names_its_trigger(table: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{table}" CASCADE')
    assert getattr(caught.value.__cause__, "diag", None).constraint_name == f"{table}_no_truncate"  # type: ignore[union-attr]
