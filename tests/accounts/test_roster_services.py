"""Keeping the roster: who may change what, what is refused, and what stands in the log."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Absence, Delegation, RotaShift, TrainingRecord, User
from accounts.queries.availability import on_duty, standings
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from accounts.services.absences import cancel_absence, record_absence
from accounts.services.people import create_user
from accounts.services.persons import link_accounts
from accounts.services.rota import delegate, end_delegation, remove_shift, set_shift
from accounts.services.training import record_practice, record_training, withdraw_training
from audit.queries import entries
from core.errors import Conflict, Forbidden, InvalidInput
from tests.support.cast import NOW, Cast
from tests.support.roster import away, handed_over, on_rota, untrained

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = date(2026, 3, 2)
KEEPERS = ("admin", "commander", "manager")


def put(cast: Cast, by: str = "manager", **more: object) -> list[RotaShift]:
    values = {
        "duty": Duty.LEGAL, "user": cast.legal, "weekdays": [0], "starts": time(8), "ends": time(20), "time_zone": "Europe/Berlin",
        "valid_from": TODAY,
    }  # fmt: skip
    return set_shift(actor=cast.actor(by), now=NOW, **(values | more))  # type: ignore[arg-type]  # values by name


def latest() -> tuple[str, str, str]:
    entry = entries().latest("index")
    return entry.type, entry.subject, bytes(entry.body).decode()


@pytest.mark.parametrize("name", KEEPERS)
def test_who_keeps_the_roster_sets_a_shift_on_several_days(cast: Cast, name: str) -> None:
    made = put(cast, name, weekdays=[4, 0, 0])
    assert [(one.weekday, one.user) for one in made] == [(0, cast.legal), (4, cast.legal)]
    assert on_duty(duty=Duty.LEGAL, at=NOW) == [cast.legal]
    assert latest()[:2] == ("rota.shift_set", "duty:legal")


@pytest.mark.parametrize("name", ["outsider", "legal", "auditor", "techlead"])
def test_others_keep_no_rota(cast: Cast, name: str) -> None:
    shift = on_rota(Duty.LEGAL, cast.legal)
    with pytest.raises(Forbidden):
        put(cast, name)
    with pytest.raises(Forbidden):
        remove_shift(actor=cast.actor(name), now=NOW, shift=shift)
    assert RotaShift.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"user": "comms"}, "user"),
        ({"deputy": "comms"}, "deputy"),
        ({"deputy": "legal"}, "deputy"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"valid_until": date(2026, 3, 1)}, "valid_until"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_by_its_field(cast: Cast, wrong: dict[str, object], field: str) -> None:
    given = {name: cast.user(value) if isinstance(value, str) and name in {"user", "deputy"} else value for name, value in wrong.items()}
    with pytest.raises(InvalidInput) as refused:
        put(cast, **given)  # type: ignore[arg-type]  # values by name
    assert list(refused.value.fields) == [field]
    assert not RotaShift.objects.exists()


def test_a_shift_that_has_begun_ends_yesterday_and_one_that_has_not_goes(cast: Cast) -> None:
    begun, coming = on_rota(Duty.LEGAL, cast.legal), put(cast, valid_from=TODAY + DAY)[0]
    for shift in (begun, coming):
        remove_shift(actor=cast.actor("manager"), now=NOW, shift=shift)
    assert RotaShift.objects.get().valid_until == TODAY - DAY
    with pytest.raises(Conflict, match="over"):
        remove_shift(actor=cast.actor("manager"), now=NOW, shift=begun)
    with pytest.raises(Conflict, match="removed"):
        remove_shift(actor=cast.actor("manager"), now=NOW, shift=coming)


def test_a_shift_replaces_another_in_one_step_or_not_at_all(cast: Cast) -> None:
    old = on_rota(Duty.LEGAL, cast.legal)
    with pytest.raises(InvalidInput):
        put(cast, replaces=old, weekdays=[])
    old.refresh_from_db()
    assert old.valid_until is None
    put(cast, replaces=old, weekdays=[2])
    assert on_duty(duty=Duty.LEGAL, at=NOW) == []


def hand(cast: Cast, by: str, giver: str = "techlead", taker: str = "techlead2", **more: object) -> Delegation:
    values = {"starts_at": NOW, "ends_at": NOW + DAY, "reason": "At the dentist"} | more
    return delegate(
        actor=cast.actor(by), now=NOW, duty=Duty.TECHNICAL, giver=cast.user(giver), taker=cast.user(taker), **values  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("name", ["techlead", *KEEPERS])
def test_one_hands_over_ones_own_duty_and_the_keeper_anybodys(cast: Cast, name: str) -> None:
    on_rota(Duty.TECHNICAL, cast.techlead)
    made = hand(cast, name)
    assert on_duty(duty=Duty.TECHNICAL, at=NOW) == [cast.techlead2]
    assert latest()[0] == "rota.delegated"
    end_delegation(actor=cast.actor(name), now=NOW + HOUR, delegation=made)
    assert on_duty(duty=Duty.TECHNICAL, at=NOW + HOUR) == [cast.techlead]
    assert Delegation.objects.get().ends_at == NOW + HOUR
    with pytest.raises(Conflict):
        end_delegation(actor=cast.actor(name), now=NOW + HOUR, delegation=made)


@pytest.mark.parametrize("name", ["outsider", "techlead2", "comms"])
def test_nobody_hands_over_or_takes_back_for_another(cast: Cast, name: str) -> None:
    standing = handed_over(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    with pytest.raises(Forbidden):
        hand(cast, name)
    with pytest.raises(Forbidden):
        end_delegation(actor=cast.actor(name), now=NOW, delegation=standing)
    with pytest.raises(Forbidden):
        record_absence(actor=cast.actor(name), now=NOW, user=cast.techlead, starts_at=NOW, ends_at=NOW + DAY)
    with pytest.raises(Forbidden):
        cancel_absence(actor=cast.actor(name), now=NOW, absence=away(cast.techlead))
    assert Delegation.objects.get().ends_at == standing.ends_at


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"taker": "comms"}, "taker"),
        ({"taker": "techlead"}, "taker"),
        ({"giver": "comms", "by": "manager"}, "giver"),
        ({"ends_at": NOW}, "ends_at"),
        ({"starts_at": NOW - DAY, "ends_at": NOW - HOUR}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=400)}, "ends_at"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_a_handover_that_cannot_be_is_refused_by_its_field(cast: Cast, wrong: dict[str, object], field: str) -> None:
    given = {"by": "techlead"} | wrong
    with pytest.raises(InvalidInput) as refused:
        hand(cast, **given)  # type: ignore[arg-type]  # values by name
    assert list(refused.value.fields) == [field]


def test_nobody_hands_over_to_their_own_second_account(cast: Cast) -> None:
    link_accounts(actor=cast.actor("admin"), now=NOW, user=cast.techlead, other=cast.techlead2, reason="One person")
    with pytest.raises(InvalidInput, match="fields"):
        hand(cast, "techlead")


def test_an_absence_is_ones_own_and_its_note_stays_out_of_the_log(cast: Cast) -> None:
    made = record_absence(actor=cast.actor("legal"), now=NOW, user=cast.legal, starts_at=NOW - HOUR, ends_at=NOW + DAY, note="Knee surgery")
    assert not standings(duty=Duty.LEGAL, at=NOW)[0].can_act
    assert latest()[:2] == ("absence.recorded", f"user:{cast.legal.pk}")
    assert "Knee" not in latest()[2]
    cancel_absence(actor=cast.actor("manager"), now=NOW, absence=made)
    assert standings(duty=Duty.LEGAL, at=NOW)[0].can_act
    assert Absence.objects.get().ends_at == NOW
    with pytest.raises(Conflict):
        cancel_absence(actor=cast.actor("legal"), now=NOW, absence=made)


def test_an_absence_that_has_not_begun_is_taken_back(cast: Cast) -> None:
    made = record_absence(actor=cast.actor("legal"), now=NOW, user=cast.legal, starts_at=NOW + HOUR, ends_at=NOW + DAY)
    cancel_absence(actor=cast.actor("legal"), now=NOW, absence=made)
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("start", "end", "note", "field"),
    [(0, 0, "", "ends_at"), (-5, -1, "", "ends_at"), (0, 24 * 800, "", "ends_at"), (0, 1, "x" * 201, "note")],
)
def test_an_absence_that_cannot_be_is_refused_by_its_field(cast: Cast, start: int, end: int, note: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        record_absence(
            actor=cast.actor("legal"), now=NOW, user=cast.legal, starts_at=NOW + start * HOUR, ends_at=NOW + end * HOUR, note=note
        )
    assert list(refused.value.fields) == [field]


def course(cast: Cast, user: User, *, by: str = "admin", **more: object) -> TrainingRecord:
    return record_training(actor=cast.actor(by), now=NOW, user=user, duty=Duty.LEGAL, **more)  # type: ignore[arg-type]  # by name


def test_a_course_lets_somebody_act_for_a_year(cast: Cast) -> None:
    untrained(cast.legal)
    course(cast, cast.legal)
    assert standings(duty=Duty.LEGAL, at=NOW + 364 * DAY)[0].can_act
    assert standings(duty=Duty.LEGAL, at=NOW + 365 * DAY)[0].reasons == ("training ran out on 2 March 2027",)
    assert latest()[:2] == ("training.recorded", f"user:{cast.legal.pk}")


@pytest.mark.parametrize("name", ["outsider", "commander", "manager", "legal"])
def test_only_who_keeps_training_records_it(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        course(cast, cast.legal, by=name)
    with pytest.raises(Forbidden):
        withdraw_training(actor=cast.actor(name), now=NOW, record=TrainingRecord.objects.earliest("pk"), reason="Wrong person")


def test_nobody_records_their_own_training_from_whatever_account(cast: Cast) -> None:
    second = create_user(actor=cast.system(), now=NOW, username="ada", email="admin+legal@example.com", roles=[Role.LEGAL])
    for user in (cast.admin, second):
        with pytest.raises(Forbidden, match="their own"):
            course(cast, user)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"at": NOW + HOUR}, "at"),
        ({"valid_until": NOW}, "valid_until"),
        ({"valid_until": NOW + 4000 * DAY}, "valid_until"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_a_course_that_cannot_be_is_refused_by_its_field(cast: Cast, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        course(cast, cast.legal, **wrong)  # type: ignore[arg-type]  # by name
    assert list(refused.value.fields) == [field]


def test_the_manager_on_duty_takes_no_course(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        record_training(actor=cast.actor("admin"), now=NOW, user=cast.manager, duty=Duty.MANAGER_ON_DUTY)


def practise(cast: Cast, at: datetime, reference: str = "") -> TrainingRecord | None:
    return record_practice(actor=cast.actor("legal"), now=at, user=cast.legal, duty=Duty.LEGAL, reference=reference)


def test_two_practice_verdicts_keep_training_current_and_each_counts_once(cast: Cast) -> None:
    untrained(cast.legal)
    course(cast, cast.legal, valid_until=NOW + DAY)
    assert practise(cast, NOW, "review:1") is not None
    assert practise(cast, NOW, "review:1") is None
    later = NOW + 2 * DAY
    assert not standings(duty=Duty.LEGAL, at=later)[0].can_act
    assert practise(cast, later, "review:2") is not None
    assert standings(duty=Duty.LEGAL, at=later)[0].can_act


def test_practice_counts_only_for_a_review_that_one_may_give(cast: Cast) -> None:
    for duty, user in ((Duty.LEGAL, cast.comms), (Duty.ARBITER, cast.arbiter)):
        with pytest.raises(InvalidInput):
            record_practice(actor=cast.system(), now=NOW, user=user, duty=duty)


def test_a_wrong_record_is_withdrawn_once_with_a_reason_and_stays(cast: Cast) -> None:
    record = TrainingRecord.objects.get(user=cast.legal)
    for reason in ("", "x" * 201):
        with pytest.raises(InvalidInput):
            withdraw_training(actor=cast.actor("admin"), now=NOW, record=record, reason=reason)
    withdraw_training(actor=cast.actor("admin"), now=NOW, record=record, reason="Another Lee")
    assert standings(duty=Duty.LEGAL, at=NOW)[0].reasons == ("has no training",)
    with pytest.raises(Conflict):
        withdraw_training(actor=cast.actor("admin"), now=NOW, record=record, reason="Again")
    record.refresh_from_db()
    assert record.withdrawn_reason == "Another Lee"


SHIFT = (
    "INSERT INTO accounts_rotashift (duty, user_id, deputy_id, weekday, starts, ends, time_zone, valid_from, valid_until) "
    "SELECT 'legal', id, NULL, 0, '08:00', '09:00', 'UTC', '2026-03-02', NULL FROM accounts_user WHERE username = 'legal'"
)
HANDOVER = (
    "INSERT INTO accounts_delegation (duty, giver_id, taker_id, starts_at, ends_at, reason, made_at) "
    "SELECT 'legal', a.id, b.id, now(), now() + interval '1 hour', 'why', now() FROM accounts_user a, accounts_user b "
    "WHERE a.username = 'legal' AND b.username = 'pr'"
)
ABSENCE = (
    "INSERT INTO accounts_absence (user_id, starts_at, ends_at, note, made_at) "
    "SELECT id, now(), now() + interval '1 hour', '', now() FROM accounts_user WHERE username = 'legal'"
)
COURSE = (
    "INSERT INTO accounts_trainingrecord (user_id, duty, source, at, valid_until, note, reference, withdrawn_at, withdrawn_reason, "
    "recorded_by_id) SELECT a.id, 'legal', 'course', now(), now() + interval '1 hour', '', '', NULL, '', b.id "
    "FROM accounts_user a, accounts_user b WHERE a.username = 'legal' AND b.username = 'admin'"
)
STATEMENTS = {"shift": SHIFT, "handover": HANDOVER, "absence": ABSENCE, "course": COURSE}


def execute(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # What the cast left to be checked is checked now: a table with checks pending cannot be emptied.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


@pytest.mark.parametrize("sql", STATEMENTS.values(), ids=STATEMENTS)
def test_the_statements_below_are_taken_as_they_stand(cast: Cast, sql: str) -> None:
    execute(sql)


@pytest.mark.parametrize(
    ("constraint", "statement", "right", "wrong"),
    [
        ("accounts_shift_duty_known", "shift", "SELECT 'legal'", "SELECT 'tea'"),
        ("accounts_shift_weekday_known", "shift", "NULL, 0,", "NULL, 7,"),
        ("accounts_shift_deputy_is_another", "shift", "id, NULL", "id, id"),
        ("accounts_shift_ends_after_it_begins", "shift", "'2026-03-02', NULL", "'2026-03-02', '2026-03-01'"),
        ("accounts_delegation_duty_known", "handover", "SELECT 'legal'", "SELECT 'tea'"),
        ("accounts_delegation_to_another", "handover", "a.id, b.id", "a.id, a.id"),
        ("accounts_delegation_ends_after_it_begins", "handover", "interval '1 hour'", "interval '0 hours'"),
        ("accounts_delegation_has_a_reason", "handover", "'why'", "''"),
        ("accounts_absence_ends_after_it_begins", "absence", "interval '1 hour'", "interval '0 hours'"),
        ("accounts_training_duty_known", "course", "'legal', 'course'", "'tea', 'course'"),
        ("accounts_training_source_known", "course", "'course'", "'rumour'"),
        ("accounts_training_ends_after_it_begins", "course", "interval '1 hour'", "interval '0 hours'"),
        ("accounts_training_withdrawn_with_a_reason", "course", "NULL, '', b.id", "now(), '', b.id"),
        ("accounts_training_not_by_oneself", "course", "b.username = 'admin'", "b.username = 'legal'"),
    ],
)
def test_the_database_refuses_what_cannot_be(cast: Cast, constraint: str, statement: str, right: str, wrong: str) -> None:
    sql = STATEMENTS[statement]
    assert right in sql
    with pytest.raises(IntegrityError) as refused:
        execute(sql.replace(right, wrong))
    assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]  # psycopg2's error


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_trainingrecord SET valid_until = valid_until + interval '1 day'",
        "UPDATE accounts_trainingrecord SET withdrawn_at = now(), withdrawn_reason = 'why', duty = 'legal'",
        "DELETE FROM accounts_trainingrecord",
        "TRUNCATE accounts_trainingrecord",
    ],
)
def test_training_on_record_is_never_changed_only_withdrawn(cast: Cast, sql: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        execute(sql)
    assert refused.value.__cause__.diag.constraint_name == "accounts_training_kept"  # type: ignore[union-attr]  # psycopg2's error


def test_a_withdrawal_is_not_taken_back_by_whatever_road(cast: Cast) -> None:
    untrained(cast.legal)
    with pytest.raises(IntegrityError, match="only withdrawn"):
        execute("UPDATE accounts_trainingrecord SET withdrawn_at = NULL, withdrawn_reason = ''")


def test_the_database_counts_a_practice_once(cast: Cast) -> None:
    practise(cast, NOW, "review:1")
    with pytest.raises(IntegrityError) as refused:
        execute(COURSE.replace("'', '', NULL", "'', 'review:1', NULL"))
    assert refused.value.__cause__.diag.constraint_name == "accounts_practice_counts_once"  # type: ignore[union-attr]  # psycopg2's error
