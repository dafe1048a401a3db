"""A list on its way into the register: what is read, what is shown before anything changes, what is written, and taken back."""

import io
import json
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.actors import person
from audit.models import Entry as LogEntry
from audit.services import UnitOfWork
from catalogue.models import Component
from core.errors import Conflict, Forbidden, InvalidInput
from stakeholders.models import Audience, ContactPoint, ImportRow, RegisterImport, Stakeholder
from stakeholders.services import (
    change_stakeholder,
    drop_import,
    forget_old_imports,
    read_table,
    register_stakeholder,
    resume_import,
    start_apply,
    start_check,
    start_undo,
    take_file,
    work_off_imports,
)
from stakeholders.services.work_off_imports import ACTS, CHUNK, KEPT_FOR, _chunk, _note_failure, _Tried
from tests.support.asked_for import when_asked_for
from tests.support.cast import NOW, Cast
from tests.support.lists import List, customers

pytestmark = pytest.mark.django_db
SMALL = 20
OPTIONS: dict[str, Any] = {"kind": "", "country": "", "audiences": [], "consent": False, "confirm": False}


@pytest.fixture(autouse=True)
def checkout(db: None) -> Component:
    return Component.objects.create(key="checkout", name="Checkout", is_public=True, created_at=NOW, updated_at=NOW)


def taken(cast: Cast, text: str | bytes) -> RegisterImport:
    raw = text if isinstance(text, bytes) else text.encode()
    return take_file(actor=cast.actor("comms"), now=NOW, file=io.BytesIO(raw), name="customers.csv")


def checked(cast: Cast, text: str, **options: Any) -> RegisterImport:
    made = taken(cast, text)
    start_check(actor=cast.actor("comms"), now=NOW, taken=made, mapping=made.mapping, options=OPTIONS | options)
    return worked_off(made)


def worked_off(made: RegisterImport) -> RegisterImport:
    while work_off_imports(now=NOW, seconds=60):
        pass
    made.refresh_from_db()
    return made


def applied(cast: Cast, text: str, **options: Any) -> RegisterImport:
    made = checked(cast, text, **options)
    start_apply(actor=cast.actor("comms"), now=NOW, taken=made)
    return worked_off(made)


def undone(cast: Cast, made: RegisterImport) -> RegisterImport:
    start_undo(actor=cast.actor("comms"), now=NOW, taken=made)
    return worked_off(made)


def shape(made: RegisterImport) -> dict[str, int]:
    return {name: count for name, count in made.counts.items() if count}


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-8-sig"), ("|", "utf-16")])
def test_delimiter_and_encoding_are_found_out(cast: Cast, delimiter: str, encoding: str) -> None:
    made = taken(cast, customers(30, faults=0, delimiter=delimiter).text.encode(encoding))
    assert (made.total, made.delimiter) == (30, delimiter)
    assert made.rows.earliest("number").cells[1] == "Customer 0 Müller"
    fields = ["external_id", "name", "kind", "email", "sms", "region", "tags", "time_zone", "tier", "depends_on"]
    assert made.mapping == {str(number): field for number, field in enumerate(fields)}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is empty"),
        (b"   \n\n", "is empty"),
        (b"name,email\n", "no row"),
        (b'name,email\n"Ada,ada@example.com\n' + b"x,y\n" * 20_000, "quotation mark"),
        (b"name,email\nA\x00da,ada@example.com\n", "NUL"),
        (",".join(f"c{n}" for n in range(101)).encode() + b"\n1\n", "101 columns"),
    ],
)
def test_what_is_no_table_is_refused_in_words(cast: Cast, raw: bytes, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        taken(cast, raw)
    assert why in refused.value.fields["file"][0]
    assert not RegisterImport.objects.exists()


def test_more_rows_than_allowed_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_table, "MOST_ROWS", 5)
    with pytest.raises(InvalidInput, match="split it"):
        taken(cast, customers(6, faults=0).text)


def judged(cast: Cast, made_up: List) -> RegisterImport:
    """The whole way, held against what was put in."""
    rows = made_up.text.count("\n") - 1
    made = checked(cast, made_up.text)
    assert (made.state, made.done, made.total) == ("checked", rows, rows)
    assert shape(made) == {"new": made_up.new, "merged": made_up.merged, "error": len(made_up.faulty)}
    found = {row.number: row.problems for row in made.rows.filter(action="error")}
    assert {line: [name for name, _ in problems] for line, problems in found.items()} == {n: [f] for n, f in made_up.faulty.items()}
    assert not Stakeholder.objects.exists(), "the dry run changes nothing"
    start_apply(actor=cast.actor("comms"), now=NOW, taken=made)
    worked_off(made)
    assert (made.state, made.done, Stakeholder.objects.count()) == ("done", made_up.new, made_up.new)
    assert ContactPoint.objects.count() == made_up.new + made_up.merged
    return made


def test_a_list_with_faults_comes_in_without_them_and_goes_again(cast: Cast) -> None:
    made_up = customers(1500, faults=40, duplicates=30)
    made = judged(cast, made_up)
    again = checked(cast, made_up.text)
    assert shape(again) == {"unchanged": made_up.new, "merged": made_up.merged, "error": 40}
    assert undone(cast, made).state == "undone"
    assert not Stakeholder.objects.exists()
    assert not ContactPoint.objects.exists()


@pytest.mark.slow
@when_asked_for("three minutes")
def test_a_hundred_thousand_rows_with_a_thousand_faults(cast: Cast) -> None:
    judged(cast, customers(100_000, faults=1000, duplicates=1000))


def test_a_worker_killed_between_two_chunks_or_within_one_loses_and_doubles_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = customers(CHUNK * 2 + 10, faults=4, duplicates=4)
    made = taken(cast, made_up.text)
    start_check(actor=cast.actor("comms"), now=NOW, taken=made, mapping=made.mapping, options=OPTIONS)
    assert _chunk(NOW) == CHUNK
    worked_off(made)
    start_apply(actor=cast.actor("comms"), now=NOW, taken=made)
    assert _chunk(NOW) == CHUNK
    real = ImportRow.__init__

    def dies(self: ImportRow, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        if self.number > CHUNK * 2:
            raise SystemExit

    with monkeypatch.context() as killing:
        killing.setattr(ImportRow, "__init__", dies)
        with pytest.raises(SystemExit):
            _chunk(NOW)
    made.refresh_from_db()
    assert (made.done, Stakeholder.objects.count()) == (CHUNK, CHUNK)
    worked_off(made)
    assert Stakeholder.objects.count() == Stakeholder.objects.values("external_id").distinct().count() == made_up.new


def breaks_at(monkeypatch: pytest.MonkeyPatch, act: str, line: int, *, times: int = 1000) -> list[int]:
    """The database refuses every chunk with this line so many times; returns what was tried."""
    real, tried = ACTS[act], list[int]()

    def broken(work: UnitOfWork, made: RegisterImport, rows: list[ImportRow]) -> None:
        real(work, made, rows)
        if line in [row.number for row in rows] and len(tried) < times:
            tried.append(line)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    monkeypatch.setitem(ACTS, act, broken)
    return tried


def ticks(seconds: int) -> None:
    """A tick each second for so long."""
    for second in range(seconds):
        work_off_imports(now=NOW + timedelta(seconds=second), seconds=60)


def half_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[RegisterImport, list[int]]:
    """Of a list of two chunks the first was written, and the second failed until nobody tried it any more."""
    # The package names the function so; the module is found by its own name.
    monkeypatch.setattr(import_module("stakeholders.services.work_off_imports"), "CHUNK", SMALL)
    made = checked(cast, customers(SMALL + 10, faults=0).text)
    tried = breaks_at(monkeypatch, "applying", SMALL + 5)
    start_apply(actor=cast.actor("comms"), now=NOW, taken=made)
    ticks(120)
    made.refresh_from_db()
    return made, tried


def test_a_chunk_that_always_fails_is_tried_five_times_and_then_the_import_has_failed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made, tried = half_written(cast, monkeypatch)
    assert (made.state, made.failed_while, len(tried)) == ("failed", "applying", 5)
    assert made.failure == (
        f"Lines {SMALL + 2} to {SMALL + 11} could not be written: the database refused it (DataError)."
        " Tried 5 times; it is not tried again by itself. Nothing of these lines was done."
    )
    assert (made.done, made.last_number, Stakeholder.objects.count()) == (SMALL, SMALL + 1, SMALL)
    assert "division by zero" in caplog.text
    (entry,) = LogEntry.objects.filter(type="register_import.failed")
    assert json.loads(bytes(entry.body)) == {"error": "DataError", "first": SMALL + 2, "last": SMALL + 11, "while": "applying"}


def test_what_failed_goes_on_where_it_stood(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as breaking:
        made, _ = half_written(cast, breaking)
    resume_import(actor=cast.actor("comms"), now=NOW, taken=made)
    worked_off(made)
    assert (made.state, made.failure, made.failures, made.failed_while) == ("done", "", 0, "")
    assert (made.done, Stakeholder.objects.count()) == (SMALL + 10, SMALL + 10)


def test_what_failed_is_taken_back_as_far_as_it_came(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = half_written(cast, monkeypatch)
    with pytest.raises(Conflict, match="take back what it did"):
        drop_import(actor=cast.actor("comms"), now=NOW, taken=made)
    assert (undone(cast, made).state, made.counts["undone"], Stakeholder.objects.count()) == ("undone", SMALL, 0)


def test_a_chunk_that_fails_for_a_while_is_tried_again_after_longer_and_longer_rests(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = taken(cast, customers(20, faults=0).text)
    tried = breaks_at(monkeypatch, "checking", 2, times=3)
    start_check(actor=cast.actor("comms"), now=NOW, taken=made, mapping=made.mapping, options=OPTIONS)
    seen = []
    for second in range(60):
        work_off_imports(now=NOW + timedelta(seconds=second), seconds=60)
        made.refresh_from_db()
        seen.append((len(tried), made.state, made.failures))
    assert [seen[second] for second in (0, 4, 5, 14, 15, 34)] == [(n, "checking", n) for n in (1, 1, 2, 2, 3, 3)]
    assert (seen[35], made.failure, made.retry_at) == ((3, "checked", 0), "", None)


def test_an_import_that_rests_holds_no_other_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = taken(cast, customers(5, faults=0).text), taken(cast, customers(4, faults=0, start=100).text)
    breaks_at(monkeypatch, "checking", 6)
    for made in (broken, other):
        start_check(actor=cast.actor("comms"), now=NOW, taken=made, mapping=made.mapping, options=OPTIONS)
    work_off_imports(now=NOW, seconds=60)
    broken.refresh_from_db()
    other.refresh_from_db()
    assert (broken.state, broken.failures, other.state) == ("checking", 1, "checked")
    assert "Tried once; it is tried again by itself" in broken.failure


def test_a_comparison_that_failed_may_be_made_otherwise_or_given_up_and_takes_nothing_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, comms = taken(cast, customers(5, faults=0).text), cast.actor("comms")
    with monkeypatch.context() as breaking:
        breaks_at(breaking, "checking", 3)
        start_check(actor=comms, now=NOW, taken=made, mapping=made.mapping, options=OPTIONS)
        ticks(120)
    made.refresh_from_db()
    assert (made.state, made.failed_while) == ("failed", "checking")
    with pytest.raises(Conflict, match="Nothing was written"):
        start_undo(actor=comms, now=NOW, taken=made)
    start_check(actor=comms, now=NOW, taken=made, mapping=made.mapping, options=OPTIONS | {"kind": "customer"})
    assert worked_off(made).state == "checked"
    with pytest.raises(Conflict, match="load the page again"):
        resume_import(actor=comms, now=NOW, taken=made)


def test_a_failure_that_somebody_elses_success_has_overtaken_is_none(cast: Cast) -> None:
    made = taken(cast, customers(5, faults=0).text)
    start_check(actor=cast.actor("comms"), now=NOW, taken=made, mapping=made.mapping, options=OPTIONS)
    worked_off(made)
    _note_failure(_Tried(made.pk, "checking", 0, 2, 6), ValueError("late"), now=NOW)
    made.refresh_from_db()
    assert (made.state, made.failures, made.failure) == ("checked", 0, "")


def test_an_import_that_failed_says_why_in_the_database_too(cast: Cast) -> None:
    made = taken(cast, customers(5, faults=0).text)
    for wrong in ("state = 'failed', failed_while = 'applying'", "state = 'failed', failure = 'x'", "failed_while = 'applying'"):
        with pytest.raises(IntegrityError, match="stakeholders_import_failed_whole"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE stakeholders_registerimport SET {wrong} WHERE id = %s", [made.pk])  # noqa: S608 - words of our own


def test_an_empty_cell_changes_nothing_and_a_filled_one_shows_what_it_will_change(cast: Cast) -> None:
    entry = register_stakeholder(
        actor=cast.actor("comms"),
        now=NOW,
        kind="customer",
        name="Acme",
        email="ops@acme.example",
        external_id="crm-1",
        tier="key",
        tags=["eu"],
    )
    made = applied(cast, "Customer ID;Name;E-Mail;Tier;Tags\ncrm-1;Acme Ltd;help@acme.example;;\n")
    row = made.rows.get()
    assert row.changes == {"name": ["Acme", "Acme Ltd"], "addresses_added": ["email help@acme.example"]}
    entry.refresh_from_db()
    assert (entry.name, entry.tier, entry.tags, entry.contact_points.count()) == ("Acme Ltd", "key", ["eu"], 2)


def test_undo_puts_back_what_stood_and_leaves_what_was_changed_since(cast: Cast) -> None:
    component = Component.objects.create(key="login", name="Login", is_public=True, created_at=NOW, updated_at=NOW)
    entry = register_stakeholder(
        actor=cast.actor("comms"), now=NOW, kind="customer", name="Acme", email="ops@acme.example", tier="key", depends_on=["login"]
    )
    made = applied(cast, "Name,E-Mail,Tier,Region,Components,Tags\nAcme Ltd,OPS@acme.example; two@acme.example,standard,eu,checkout,a;b\n")
    assert shape(made) == {"changed": 1}
    change_stakeholder(actor=cast.actor("comms"), now=NOW, stakeholder=entry, region="us")
    undone(cast, made)
    entry = Stakeholder.objects.get(pk=entry.pk)
    assert (entry.name, entry.tier, entry.region, entry.tags) == ("Acme", "key", "us", [])
    assert list(entry.depends_on.all()) == [component]
    standing = entry.contact_points.filter(removed_at__isnull=True, suppressed_at__isnull=True)
    assert [point.address for point in standing] == ["ops@acme.example"]


def test_rows_about_the_same_are_put_together_by_id_by_address_and_by_whom_they_find(cast: Cast) -> None:
    known = register_stakeholder(
        actor=cast.actor("comms"), now=NOW, kind="customer", name="Known", contact_points=[("email", "k@x.example"), ("sms", "+4930901820")]
    )
    text = (
        "id,name,type,email,phone,tags\n"
        "1,A,customer,a@x.example,,x\n"  # 2: new
        "1,A2,customer,b@x.example,,y\n"  # 3: same id
        ",A3,customer,A@x.example,,z\n"  # 4: no id, same address
        "2,B,customer,a@x.example,,\n"  # 5: another id, so another entry in spite of the address
        ",Known,customer,k@x.example,,\n"  # 6: known by its address, and says nothing new
        ",Known too,customer,,+49 30 901820,\n"  # 7: the same known entry, by telephone
    )
    made = applied(cast, text)
    assert [(row.number, row.action, row.merged_into) for row in made.rows.all()] == [
        (2, "new", None), (3, "merged", 2), (4, "merged", 2), (5, "new", None), (6, "changed", None), (7, "merged", 6),
    ]  # fmt: skip
    one = Stakeholder.objects.get(external_id="1")
    assert (one.name, sorted(one.tags), one.contact_points.count()) == ("A3", ["x", "y", "z"], 2)
    known.refresh_from_db()
    assert known.name == "Known too"


def test_what_somebody_changed_after_the_dry_run_is_compared_again(cast: Cast) -> None:
    made = checked(cast, "id,name,type,email\n1,A,customer,a@x.example\n2,B,customer,b@x.example\n")
    for _ in range(2):
        register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Twin", email="a@x.example")
    register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="B", email="b@x.example", external_id="2")
    start_apply(actor=cast.actor("comms"), now=NOW, taken=made)
    worked_off(made)
    assert shape(made) == {"error": 1, "unchanged": 1}
    assert "Several entries" in made.rows.get(number=2).problems[0][1]


def test_options_hold_for_every_row(cast: Cast) -> None:
    made = applied(
        cast,
        "name,phone,email\nA,030 901820,a@x.example\n",
        kind="customer",
        country="DE",
        audiences=["customers"],
        consent=True,
        confirm=True,
    )
    email, sms = ContactPoint.objects.order_by("kind")
    assert (sms.address, sms.verification, sms.consent_source) == ("+4930901820", "unneeded", "import")
    assert (email.verification, email.consent_at) == ("pending", NOW)
    assert Audience.objects.get(key="customers").members.count() == 1
    undone(cast, made)
    assert Audience.objects.get(key="customers").members.count() == 0


@pytest.mark.parametrize(
    ("mapping", "options", "field"),
    [
        ({"0": "name"}, {}, "mapping"),
        ({"0": "email", "1": "name", "2": "name"}, {}, "mapping"),
        ({"9": "email"}, {}, "mapping"),
        ({"0": "shoe_size", "1": "email"}, {}, "mapping"),
        ({"0": "email"}, {"kind": "alien"}, "kind"),
        ({"0": "email"}, {"audiences": ["nobody"]}, "audiences"),
    ],
)
def test_columns_that_name_nobody_are_refused(cast: Cast, mapping: dict[str, str], options: dict[str, Any], field: str) -> None:
    made = taken(cast, "a,b,c\n1,2,3\n")
    with pytest.raises(InvalidInput) as refused:
        start_check(actor=cast.actor("comms"), now=NOW, taken=made, mapping=mapping, options=OPTIONS | options)
    assert list(refused.value.fields) == [field]


def test_steps_come_in_their_order(cast: Cast) -> None:
    made = checked(cast, "id,name,type\n1,A,customer\n")
    with pytest.raises(Conflict):
        start_undo(actor=cast.actor("comms"), now=NOW, taken=made)
    start_apply(actor=cast.actor("comms"), now=NOW, taken=made)
    for again in (start_apply, drop_import):
        with pytest.raises(Conflict):
            again(actor=cast.actor("comms"), now=NOW, taken=made)
    worked_off(made)
    undone(cast, made)
    with pytest.raises(Conflict):
        start_undo(actor=cast.actor("comms"), now=NOW, taken=made)
    nothing = checked(cast, "id,name,type\n1,A,alien\n")
    with pytest.raises(Conflict, match="Nothing in this file"):
        start_apply(actor=cast.actor("comms"), now=NOW, taken=nothing)
    assert drop_import(actor=cast.actor("comms"), now=NOW, taken=nothing).rows.count() == 0


def test_rows_are_deleted_after_thirty_days_and_then_nothing_is_undone(cast: Cast) -> None:
    made = applied(cast, "id,name,type\n1,A,customer\n")
    assert forget_old_imports(now=NOW + KEPT_FOR) == 0
    assert forget_old_imports(now=NOW + KEPT_FOR + timedelta(minutes=1)) == 1
    assert (made.rows.count(), Stakeholder.objects.count()) == (0, 1)
    with pytest.raises(Conflict, match="30 days"):
        start_undo(actor=cast.actor("comms"), now=NOW, taken=made)


def test_who_may_not_write_the_register_imports_nothing_and_a_program_has_the_bulk_call(cast: Cast) -> None:
    made = taken(cast, "id,name,type\n1,A,customer\n")
    for name in ("outsider", "auditor", "commander"):
        actor = person(cast.user(name))
        with pytest.raises(Forbidden):
            take_file(actor=actor, now=NOW, file=io.BytesIO(b"a\n1\n"), name="x")
        for act in (start_apply, start_undo, resume_import, drop_import):
            with pytest.raises(Forbidden):
                act(actor=actor, now=NOW, taken=made)
        with pytest.raises(Forbidden):
            start_check(actor=actor, now=NOW, taken=made, mapping=made.mapping, options=OPTIONS)
    with pytest.raises(Forbidden):
        take_file(actor=cast.system(), now=NOW, file=io.BytesIO(b"a\n1\n"), name="x")


def test_the_log_counts_and_holds_nobodys_address(cast: Cast) -> None:
    made = applied(cast, customers(20, faults=2, duplicates=2).text)
    undone(cast, made)
    types = [entry.type for entry in LogEntry.objects.filter(type__startswith="register_import").order_by("index")]
    assert types == [
        f"register_import.{step}" for step in ("uploaded", "check_started", "checked", "started", "done", "undo_started", "undone")
    ]
    bodies = "".join(bytes(body).decode() for body in LogEntry.objects.values_list("body", flat=True))
    assert "example" not in bodies
    assert "Müller" not in bodies
    assert json.loads(bytes(LogEntry.objects.get(type="register_import.checked").body)) == {"error": 2, "merged": 2, "new": 16}


def test_a_chunk_takes_as_many_statements_whatever_it_holds(cast: Cast, django_assert_max_num_queries: Any) -> None:
    made = taken(cast, customers(CHUNK, faults=10, duplicates=10).text)
    start_check(actor=cast.actor("comms"), now=NOW, taken=made, mapping=made.mapping, options=OPTIONS)
    with django_assert_max_num_queries(45):
        _chunk(NOW)
    _chunk(NOW)
    start_apply(actor=cast.actor("comms"), now=NOW, taken=made)
    with django_assert_max_num_queries(45):
        _chunk(NOW)
    assert connection.in_atomic_block
