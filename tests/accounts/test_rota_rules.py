"""When a weekly shift happens, on nights when the clock is changed too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.rota import FOREVER, WeeklyShift, in_force, instant, turns
from accounts.rules.spans import Span, merged

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia"]
MONDAY = date(2026, 3, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shift(weekday: int, starts: str, ends: str, zone: str = "Europe/Berlin", **more: date) -> WeeklyShift:
    return WeeklyShift(
        user="a",
        deputy="b",
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        time_zone=zone,
        valid_from=more.get("valid_from", date(2020, 1, 1)),
        valid_until=more.get("valid_until"),
    )


def spans(one: WeeklyShift, start: str, end: str) -> list[Span]:
    return [turn.span for turn in turns(one, at(start), at(end))]


def test_a_shift_keeps_its_wall_clock_hours_in_winter_and_summer() -> None:
    office = shift(0, "09:00", "17:00")
    assert spans(office, "2026-03-23", "2026-03-24") == [Span(at("2026-03-23T08:00"), at("2026-03-23T16:00"))]
    assert spans(office, "2026-03-30", "2026-03-31") == [Span(at("2026-03-30T07:00"), at("2026-03-30T15:00"))]


def test_a_night_shift_ends_on_the_next_day_and_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    night = shift(5, "22:00", "06:00")
    spring, autumn = spans(night, "2026-03-28", "2026-03-29T12:00"), spans(night, "2026-10-24", "2026-10-25T12:00")
    assert [one.end - one.start for one in spring] == [timedelta(hours=7)]
    assert [one.end - one.start for one in autumn] == [timedelta(hours=9)]


def test_equal_times_mean_a_whole_day() -> None:
    assert spans(shift(0, "08:00", "08:00", "UTC"), "2026-03-02T09:00", "2026-03-02T10:00") == [
        Span(at("2026-03-02T08:00"), at("2026-03-03T08:00"))
    ]


def test_a_time_that_the_clock_jumps_over_is_the_instant_of_the_jump() -> None:
    jump = at("2026-03-29T01:00")
    for skipped in ("02:00", "02:30", "02:59:59"):
        assert instant(datetime.fromisoformat(f"2026-03-29T{skipped}"), BERLIN) == jump
    assert instant(datetime(2026, 3, 29, 3, 0), BERLIN) == jump  # noqa: DTZ001 - wall-clock time of the zone given


def test_a_time_that_comes_twice_is_its_first_time() -> None:
    assert instant(datetime(2026, 10, 25, 2, 30), BERLIN) == at("2026-10-25T00:30")  # noqa: DTZ001 - as above


@pytest.mark.parametrize(("valid_from", "valid_until", "times"), [(8, 21, 2), (9, 22, 2), (10, 15, 0), (9, 9, 1), (1, 31, 5)])
def test_a_shift_begins_only_on_days_in_which_it_is_valid(valid_from: int, valid_until: int, times: int) -> None:
    one = shift(0, "09:00", "10:00", "UTC", valid_from=date(2026, 3, valid_from), valid_until=date(2026, 3, valid_until))
    assert len(spans(one, "2026-02-01", "2026-05-01")) == times


def test_a_rota_is_in_force_from_the_first_day_to_the_end_of_the_last() -> None:
    one = shift(0, "09:00", "10:00", valid_from=date(2026, 3, 2), valid_until=date(2026, 3, 8))
    assert in_force(one) == Span(at("2026-03-01T23:00"), at("2026-03-08T23:00"))
    assert in_force(shift(0, "09:00", "10:00")).end == FOREVER


locals_of_a_year = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001 - wall-clock times


@given(st.sampled_from(ZONES), locals_of_a_year, locals_of_a_year)
def test_a_later_wall_clock_time_is_never_an_earlier_instant(zone: str, one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    assert instant(earlier, ZoneInfo(zone)) <= instant(later, ZoneInfo(zone))


@given(st.sampled_from(ZONES), st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.sets(st.times(), min_size=1, max_size=3))
def test_shifts_that_fill_the_week_leave_no_minute_out_whatever_the_clock_does(zone: str, day: date, cuts: set[time]) -> None:
    edges = sorted(cut.replace(microsecond=0, fold=0) for cut in cuts)
    edges = sorted(set(edges))
    parts = list(zip(edges, [*edges[1:], edges[0]], strict=True))
    week = [shift(weekday, str(starts), str(ends), zone) for weekday in range(7) for starts, ends in parts]
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=14)
    joined = merged(turn.span for one in week for turn in turns(one, start, end))
    assert len(joined) == 1
    assert joined[0].start <= start < end <= joined[0].end


@given(st.sampled_from(ZONES), st.integers(0, 6), st.times(), st.times(), st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)))  # noqa: DTZ001
def test_a_short_window_finds_what_a_long_one_finds(zone: str, weekday: int, starts: time, ends: time, moment: datetime) -> None:
    one = shift(weekday, starts.replace(fold=0).isoformat(), ends.replace(fold=0).isoformat(), zone)
    now = moment.replace(tzinfo=UTC)
    near = [turn for turn in turns(one, now, now + timedelta(microseconds=1)) if turn.span.holds(now)]
    far = [turn for turn in turns(one, now - timedelta(days=20), now + timedelta(days=20)) if turn.span.holds(now)]
    assert near == far
