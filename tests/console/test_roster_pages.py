"""The roster's pages: who can approve now and in the week ahead, and entering what changes it."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Absence, Delegation, RotaShift, TrainingRecord, User
from accounts.rules.duties import Duty
from console.queries.roster import duty_weeks, hour_words, span_words
from tests.support.cast import NOW, Cast
from tests.support.roster import away, handed_over, on_rota, trained, untrained

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
ROSTER = "/console/roster/"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def page(cast: Cast, name: str, address: str = ROSTER) -> str:
    answer = cast.client(name).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def in_berlin(user: User) -> None:
    User.objects.filter(pk=user.pk).update(time_zone="Europe/Berlin")


def test_without_a_rota_everybody_with_the_role_is_asked_and_the_page_says_how_to_begin(cast: Cast) -> None:
    shown = page(cast, "commander")
    assert "Every duty is covered for the next seven days." in shown
    assert "No rota: everybody with the role is asked." in shown
    for title in ("Nobody is away", "Nothing is handed over", "No rota yet"):
        assert title in shown


def test_who_cannot_act_stands_there_with_the_reason(cast: Cast) -> None:
    away(cast.legal, hours=3)
    untrained(cast.pr)
    shown = page(cast, "auditor")
    assert "cannot act: absent until 2 March 2026, 17:00 UTC" in shown
    assert "cannot act: has no training" in shown


def test_uncovered_hours_are_said_in_the_readers_zone_and_in_utc(cast: Cast) -> None:
    in_berlin(cast.commander)
    on_rota(Duty.LEGAL, cast.legal, starts=time(9), ends=time(17))
    shown = page(cast, "commander")
    assert "Mon 2 Mar, 18:00 – Mon 9 Mar, 10:00 (Mon 17:00 – Mon 09:00 UTC)" in shown
    assert "nobody on duty" in shown
    assert "legal review, 160 h" in shown


def test_nobody_at_all_is_told_from_nobody_on_duty(cast: Cast) -> None:
    away(cast.legal, since=NOW + timedelta(hours=1), hours=2)
    week = next(week for week in duty_weeks(NOW, BERLIN) if week.duty is Duty.LEGAL)
    assert [(hole.gap.nobody_at_all, hole.hours) for hole in week.holes] == [(True, "2 h")]
    assert [bar.cover for bar in week.bars] == ["covered", "nobody", "covered"]
    assert "nobody can act" in page(cast, "legal")


def test_the_page_asks_the_database_no_more_with_more_people_and_shifts(cast: Cast, django_assert_max_num_queries: type[object]) -> None:
    for weekday in range(7):
        on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2, weekday=weekday)
        on_rota(Duty.COMMUNICATIONS, cast.comms, cast.comms2, weekday=weekday)
    with django_assert_max_num_queries(7):  # type: ignore[call-arg,attr-defined]  # a fixture
        duty_weeks(NOW, BERLIN)


def test_a_span_is_said_by_the_local_clock_and_by_utc_also_over_the_night_the_clocks_change() -> None:
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert span_words(start, start + timedelta(hours=4), BERLIN) == "Sun 29 Mar, 00:00 – 05:00 (Sat 23:00 – Sun 03:00 UTC)"
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert span_words(start, start + timedelta(days=1), BERLIN) == "Mon 2 Mar, 09:00 – Tue 3 Mar, 09:00 (Mon 08:00 – Tue 08:00 UTC)"


def test_in_utc_it_is_said_once() -> None:
    assert span_words(NOW, NOW + timedelta(hours=1), ZoneInfo("UTC")) == "Mon 2 Mar, 14:00 – 15:00 UTC"
    assert hour_words(timedelta(hours=1, minutes=30)) == "1 h 30 min"


def test_one_records_ones_own_absence_by_the_clock_on_ones_wall(cast: Cast) -> None:
    in_berlin(cast.legal)
    client = cast.client("legal")
    form = {"user": "legal", "starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T17:00", "note": "Court"}
    answer = client.post(f"{ROSTER}absences/new/", form, follow=True)
    row = Absence.objects.get()
    assert (row.user, row.starts_at, row.note) == (cast.legal, datetime(2026, 3, 3, 8, tzinfo=UTC), "Court")
    assert "Tue 3 Mar, 09:00 – 17:00 (Tue 08:00 – Tue 16:00 UTC)" in answer.content.decode()
    assert "Court" not in page(cast, "auditor")
    client.post(f"{ROSTER}absences/{row.pk}/end/")
    assert not Absence.objects.exists()


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(cast: Cast) -> None:
    form = {"user": "legal", "starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T08:00", "note": "Court"}
    answer = cast.client("legal").post(f"{ROSTER}absences/new/", form)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert 'id="id_ends_at_error"' in shown
    assert "It ends before it begins." in shown
    assert 'value="Court"' in shown
    assert not Absence.objects.exists()


@pytest.mark.parametrize("typed", ["", "yesterday", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_times_that_are_none_are_said_beside_the_field(cast: Cast, typed: str) -> None:
    in_berlin(cast.legal)
    form = {"user": "legal", "starts_at": typed, "ends_at": typed, "note": ""}
    answer = cast.client("legal").post(f"{ROSTER}absences/new/", form)
    assert answer.status_code == 422
    assert not Absence.objects.exists()


def test_others_are_entered_by_whoever_keeps_the_roster_alone(cast: Cast) -> None:
    form = {"user": "legal", "starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T17:00"}
    assert cast.client("techlead").post(f"{ROSTER}absences/new/", form).status_code == 422
    assert not Absence.objects.exists()
    assert cast.client("manager").post(f"{ROSTER}absences/new/", form).status_code == 302
    assert cast.client("techlead").post(f"{ROSTER}absences/{Absence.objects.get().pk}/end/").status_code == 403
    assert Absence.objects.exists()


def test_a_duty_is_handed_over_and_taken_back(cast: Cast) -> None:
    form = {
        "duty": "technical", "giver": "techlead", "taker": "techlead2", "starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T17:00",
        "reason": "Swap",
    }  # fmt: skip
    client = cast.client("techlead")
    wrong = client.post(f"{ROSTER}handovers/new/", form | {"taker": "legal"})
    assert wrong.status_code == 422
    assert 'id="id_taker_error"' in wrong.content.decode()
    assert "has no role for this duty" in wrong.content.decode()
    client.post(f"{ROSTER}handovers/new/", form)
    row = Delegation.objects.get()
    assert (row.giver, row.taker) == (cast.techlead, cast.techlead2)
    assert "Swap" in page(cast, "auditor")
    client.post(f"{ROSTER}handovers/{row.pk}/end/")
    assert not Delegation.objects.exists()


SHIFT = {
    "duty": "legal", "user": "legal", "deputy": "", "weekdays": ["0", "1", "2"], "starts": "09:00", "ends": "17:00",
    "time_zone": "Europe/Berlin", "valid_from": "2026-03-02", "valid_until": "",
}  # fmt: skip


def test_shifts_are_put_on_the_rota_and_removed_by_day(cast: Cast) -> None:
    client = cast.client("commander")
    client.post(f"{ROSTER}shifts/new/", SHIFT)
    assert list(RotaShift.objects.order_by("weekday").values_list("weekday", flat=True)) == [0, 1, 2]
    assert "Mon–Wed" in page(cast, "auditor")
    gone = RotaShift.objects.get(weekday=1)
    client.post(f"{ROSTER}shifts/remove/", {"shift": [str(gone.pk)]})
    assert list(RotaShift.objects.order_by("weekday").values_list("weekday", flat=True)) == [0, 2]
    answer = client.post(f"{ROSTER}shifts/remove/", {"shift": [str(gone.pk), str(RotaShift.objects.earliest("pk").pk)]}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert RotaShift.objects.count() == 2
    assert "Tick at least one day" in client.post(f"{ROSTER}shifts/remove/", follow=True).content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("user", "techlead", "has no role for this duty"),
        ("deputy", "legal", "Choose somebody else than the person on duty."),
        ("time_zone", "Berlin", "Write an IANA name"),
        ("weekdays", [], "This field is required."),
        ("valid_until", "2026-03-01", "The last day is before the first."),
        ("valid_from", "2050-03-01", "Choose a day within ten years of today."),
        ("valid_until", "9999-12-31", "Choose a day of this century."),
    ],
)
def test_a_shift_that_cannot_be_says_why_beside_the_field(cast: Cast, field: str, typed: str | list[str], said: str) -> None:
    answer = cast.client("commander").post(f"{ROSTER}shifts/new/", SHIFT | {field: typed})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert said in answer.content.decode()
    assert not RotaShift.objects.exists()


def test_courses_are_recorded_by_administrators_and_withdrawn_with_a_reason(cast: Cast) -> None:
    untrained(cast.legal)
    client = cast.client("admin")
    course = {"user": "legal", "duty": "legal", "at": "2026-03-01", "valid_until": "2026-09-01", "note": "Day course"}
    client.post(f"{ROSTER}training/", course)
    row = TrainingRecord.objects.get(user=cast.legal, withdrawn_at=None)
    assert (row.valid_until, row.recorded_by) == (datetime(2026, 9, 2, tzinfo=UTC), cast.admin)
    assert "Day course" in page(cast, "admin", f"{ROSTER}training/")
    answer = client.post(f"{ROSTER}training/{row.pk}/withdraw/", {"reason": " "})
    assert answer.status_code == 422
    assert f'id="why-{row.pk}-error"' in answer.content.decode()
    client.post(f"{ROSTER}training/{row.pk}/withdraw/", {"reason": "Did not attend"})
    row.refresh_from_db()
    assert row.withdrawn_reason == "Did not attend"


def test_a_course_of_the_future_or_of_long_ago_is_refused_beside_the_day(cast: Cast) -> None:
    for day in ("2026-03-04", "2001-01-01", "0001-01-01"):
        answer = cast.client("admin").post(f"{ROSTER}training/", {"user": "legal", "duty": "legal", "at": day})
        assert answer.status_code == 422
        assert 'id="id_at_error"' in answer.content.decode()


def test_what_runs_out_soon_is_marked(cast: Cast) -> None:
    trained(cast.legal, Duty.LEGAL, at=NOW - timedelta(days=300), until=NOW + timedelta(days=30))
    assert "runs out soon" in page(cast, "admin", f"{ROSTER}training/")


def test_nobody_enters_what_their_role_does_not_allow(cast: Cast) -> None:
    absence, handover = away(cast.techlead), handed_over(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    record = TrainingRecord.objects.earliest("pk")
    writes = [
        "absences/new/", f"absences/{absence.pk}/end/", "handovers/new/", f"handovers/{handover.pk}/end/", "shifts/new/", "shifts/remove/",
        "training/", f"training/{record.pk}/withdraw/",
    ]  # fmt: skip
    for address in [ROSTER, *(ROSTER + one for one in writes)]:
        assert cast.client("outsider").post(address).status_code in {404, 405}, address
    for address in writes[4:]:
        assert cast.client("techlead").post(ROSTER + address).status_code == 403, address
    assert cast.client("commander").post(f"{ROSTER}training/").status_code == 403
    assert cast.client("outsider").get(ROSTER).status_code == 404
    assert Absence.objects.exists()
    assert Delegation.objects.exists()


def test_the_navigation_leads_there_for_whoever_may_read_it(cast: Cast) -> None:
    assert 'href="/console/roster/"' in page(cast, "legal", "/console/")
    assert 'href="/console/roster/"' not in page(cast, "outsider", "/console/")
