"""The log: the door, the numbering, the triggers, and what verification finds."""

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry, Head
from audit.rules.merkle import RootBuilder, leaf_hash, node_hash, root_of
from audit.services import unit_of_work
from audit.services.verify import verify_log

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

# The eight leaves that Certificate Transparency's own tests use, and their published root.
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def write(*types: str) -> None:
    with unit_of_work(actor="user:1", now=NOW) as work:
        for type_ in types:
            work.record(type_, subject="incident:abc", body={"why": "test"})


def write_one_by_one(count: int) -> None:
    for _ in range(count):
        write("x")


def record_and_fail(why: str) -> None:
    with unit_of_work(actor="user:1", now=NOW) as work:
        work.record("dropped", subject="incident:abc", body={})
        raise ValueError(why)


def test_the_root_of_the_published_leaves_is_the_published_root() -> None:
    assert root_of(leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES).hex() == CT_ROOT


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_the_one_pass_root_equals_the_recursive_definition(leaves: list[bytes]) -> None:
    def recursive(part: list[bytes]) -> bytes:
        if not part:
            return hashlib.sha256(b"").digest()
        if len(part) == 1:
            return part[0]
        split = 1
        while split * 2 < len(part):
            split *= 2
        return node_hash(recursive(part[:split]), recursive(part[split:]))

    assert root_of(leaves) == recursive(leaves)


@given(st.lists(st.lists(st.binary(min_size=32, max_size=32), max_size=40), max_size=6))
def test_leaves_added_in_pieces_make_the_root_of_all_of_them(pieces: list[list[bytes]]) -> None:
    builder = RootBuilder()
    for piece in pieces:
        builder.add_all(piece)
    whole = [leaf for piece in pieces for leaf in piece]
    assert (builder.size, builder.root()) == (len(whole), root_of(whole))


@pytest.mark.django_db
def test_records_are_numbered_without_a_gap_and_verify() -> None:
    write("incident.opened", "incident.decided")
    write("update.drafted")
    assert list(Entry.objects.order_by("index").values_list("index", flat=True)) == [0, 1, 2]
    result = verify_log()
    assert (result.size, result.bad_index) == (3, None)
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert out.getvalue() == f"ok size=3 root={result.root.hex()}\n"


@pytest.mark.django_db
def test_an_inner_unit_that_fails_takes_only_its_own_records_back() -> None:
    with unit_of_work(actor="user:1", now=NOW) as work:
        work.record("kept", subject="a", body={})
        with pytest.raises(ValueError, match="inner"):
            record_and_fail("inner")
    assert list(Entry.objects.values_list("type", flat=True)) == ["kept"]


@pytest.mark.django_db
def test_a_failed_unit_leaves_nothing_behind() -> None:
    with pytest.raises(ValueError, match="outer"):
        record_and_fail("outer")
    assert not Entry.objects.exists()
    assert Head.objects.get().size == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'user:2'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_head SET size = size - 1",
        "DELETE FROM audit_head",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_log(statement: str) -> None:
    write("incident.opened")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def tamper(statement: str) -> None:
    """What a superuser could do: switch the triggers off and change. The test's rollback switches them on again."""
    with connection.cursor() as cursor:
        for table in ("audit_entry", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE audit_entry SET actor = 'user:2' WHERE index = 1", 1),
        ("UPDATE audit_entry SET body = 'x' WHERE index = 2", 2),
        ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE index = 0", 0),
        ("DELETE FROM audit_entry WHERE index = 1", 1),
        ("DELETE FROM audit_entry WHERE index = 2", 2),
        ("UPDATE audit_head SET size = 2", 3),
    ],
)
def test_verification_finds_what_a_superuser_changed(statement: str, bad: int) -> None:
    write("a", "b", "c")
    tamper(statement)
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_verify", stdout=out)
    assert stopped.value.code == 1
    assert out.getvalue() == f"bad index={bad}\n"


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_leave_no_gap_and_no_fork() -> None:
    run_together([lambda: write_one_by_one(10) for _ in range(4)])
    result = verify_log()
    assert (result.size, result.bad_index) == (40, None)


def run_together(jobs: list[Callable[[], object]]) -> None:
    def closing(job: Callable[[], object]) -> None:
        try:
            job()
        finally:
            connection.close()

    threads = [threading.Thread(target=closing, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
