"""Who can act, whom to ask first, and when there is nobody."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.availability import Cover, DutyRoster, Handover, Holder, deputies, on_duty, places, segments
from accounts.rules.discount import Discount
from accounts.rules.duties import Duty
from accounts.rules.rota import WeeklyShift, in_force, turns
from accounts.rules.spans import Span
from tests.support.cast import NOW

HOUR = timedelta(hours=1)
ALWAYS = Span(datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
# NOW is a Monday, 14:00 UTC.
OFFICE = WeeklyShift("ann", "bob", 0, time(9), time(17), "UTC", date(2026, 1, 1))


def hours(start: int, end: int) -> Span:
    return Span(NOW + start * HOUR, NOW + end * HOUR)


def holder(name: str, *, absent: tuple[Span, ...] = (), trained: tuple[Span, ...] = (ALWAYS,)) -> Holder:
    return Holder(name, f"person of {name}", name.capitalize(), absent, trained)


def roster(*shifts: WeeklyShift, people: tuple[Holder, ...] = (), handovers: tuple[Handover, ...] = ()) -> DutyRoster:
    people = people or (holder("ann"), holder("bob"), holder("cid"))
    start, end = NOW - 200 * HOUR, NOW + 200 * HOUR
    occurrences = tuple(turn for shift in shifts for turn in turns(shift, start, end))
    return DutyRoster(Duty.LEGAL, people, occurrences, handovers, tuple(in_force(shift) for shift in shifts))


def tiers(found: DutyRoster) -> dict[str, int]:
    return {place.user: place.tier for place in places(found, NOW)}


def test_without_a_rota_everybody_is_on_duty() -> None:
    assert tiers(roster()) == {"ann": 0, "bob": 0, "cid": 0}
    assert on_duty(roster(), NOW) == ["ann", "bob", "cid"]
    assert [segment.cover for segment in segments(roster(), NOW, NOW + 100 * HOUR)] == [Cover.COVERED]


def test_with_a_rota_its_holder_comes_first_then_the_deputy_then_the_others() -> None:
    assert tiers(roster(OFFICE)) == {"ann": 0, "bob": 1, "cid": 2}
    assert (on_duty(roster(OFFICE), NOW), deputies(roster(OFFICE), NOW)) == (["ann"], ["bob"])


def test_outside_the_shift_nobody_is_on_duty_though_somebody_could_act() -> None:
    evening = NOW + 3 * HOUR
    assert on_duty(roster(OFFICE), evening) == []
    assert {place.tier for place in places(roster(OFFICE), evening)} == {2}
    assert [(one.span, one.cover) for one in segments(roster(OFFICE), NOW, NOW + 4 * HOUR)] == [
        (hours(0, 3), Cover.COVERED),
        (hours(3, 4), Cover.OFF_DUTY_ONLY),
    ]


def test_the_deputy_is_asked_while_the_holder_is_absent_and_the_reason_says_until_when() -> None:
    found = roster(OFFICE, people=(holder("ann", absent=(hours(-1, 1), hours(1, 2))), holder("bob")))
    assert on_duty(found, NOW) == ["bob"]
    assert deputies(found, NOW) == []
    assert [place.reasons for place in places(found, NOW)] == [("absent until 2 March 2026, 16:00 UTC",), ()]


def test_who_is_not_trained_is_passed_over_unless_the_policy_asks_for_no_training() -> None:
    found = roster(OFFICE, people=(holder("ann", trained=()), holder("bob")))
    assert on_duty(found, NOW) == ["bob"]
    assert places(found, NOW)[0].reasons == ("has no training",)
    assert on_duty(found, NOW, training_required=False) == ["ann"]


def test_who_takes_a_duty_over_is_asked_in_the_givers_place_and_the_giver_with_the_others() -> None:
    found = roster(OFFICE, handovers=(Handover("ann", "cid", hours(-1, 1)),))
    assert tiers(found) == {"cid": 1, "bob": 1, "ann": 2}
    assert (on_duty(found, NOW), deputies(found, NOW)) == (["cid"], ["bob"])
    assert on_duty(found, NOW + HOUR) == ["ann"]


def test_a_handover_to_somebody_without_the_role_calls_in_the_deputy() -> None:
    assert on_duty(roster(OFFICE, handovers=(Handover("ann", "stranger", hours(-1, 1)),)), NOW) == ["bob"]


def test_who_wrote_the_words_may_not_act_from_any_account() -> None:
    second = Holder("ann2", "person of ann", "Ann again", (), (ALWAYS,))
    found = places(roster(people=(holder("ann"), second, holder("bob"))), NOW, excluding=frozenset({"person of ann"}))
    assert [(place.user, place.can_act) for place in found] == [("bob", True), ("ann", False), ("ann2", False)]
    assert found[1].reasons == ("wrote at this update or put it forward",)


def test_nobody_at_all_is_told_from_nobody_on_duty() -> None:
    away = roster(OFFICE, people=(holder("ann", absent=(hours(1, 2),)), holder("bob", absent=(hours(1, 2),))))
    assert [(one.span, one.cover) for one in segments(away, NOW, NOW + 3 * HOUR)] == [
        (hours(0, 1), Cover.COVERED),
        (hours(1, 2), Cover.NOBODY),
        (hours(2, 3), Cover.COVERED),
    ]


def test_a_duty_that_nobody_holds_is_never_covered() -> None:
    found = segments(DutyRoster(Duty.LEGAL, ()), NOW, NOW + 5 * HOUR)
    assert [(one.span, one.cover) for one in found] == [(hours(0, 5), Cover.NOBODY)]


names = st.sampled_from(["ann", "bob", "cid"])
spans = st.builds(lambda start, length: hours(start, start + length), st.integers(-40, 40), st.integers(1, 30))
shifts = st.builds(
    lambda user, deputy, weekday, starts, ends, since, until: WeeklyShift(
        user, None if deputy == user else deputy, weekday, time(starts), time(ends), "Europe/Berlin", since, since + timedelta(days=until)
    ),
    names, st.one_of(st.none(), names), st.integers(0, 6), st.integers(0, 23), st.integers(0, 23),
    st.dates(date(2026, 2, 23), date(2026, 3, 9)), st.integers(0, 20),
)  # fmt: skip
people = st.tuples(
    *(
        st.builds(lambda absent, trained, name=name: holder(name, absent=tuple(absent), trained=tuple(trained)),
                  st.lists(spans, max_size=2), st.lists(spans, min_size=1, max_size=2))
        for name in ("ann", "bob", "cid")
    )
)  # fmt: skip
handovers = st.lists(
    st.builds(Handover, names, names, spans).filter(lambda one: one.giver != one.taker), max_size=2,
).map(tuple)  # fmt: skip
rosters = st.builds(
    lambda shifts, people, handovers: roster(*shifts, people=people, handovers=handovers), st.lists(shifts, max_size=4), people, handovers
)


@given(rosters, st.integers(-60 * 60, 60 * 60))
def test_the_segments_say_at_every_minute_what_the_instant_says(found: DutyRoster, minute: int) -> None:
    start, end = NOW - 61 * HOUR, NOW + 61 * HOUR
    cut = segments(found, start, end)
    assert (cut[0].span.start, cut[-1].span.end) == (start, end)
    assert [one.span.end for one in cut[:-1]] == [one.span.start for one in cut[1:]]
    at = NOW + timedelta(minutes=minute)
    here = next(one for one in cut if one.span.holds(at))
    assert list(here.on_duty) == on_duty(found, at)
    assert list(here.deputies) == deputies(found, at)
    able = [place for place in places(found, at) if place.can_act]
    assert (here.cover is Cover.NOBODY) == (not able)
    assert (here.cover is Cover.COVERED) == bool(on_duty(found, at))


@given(rosters, st.integers(-60 * 60, 60 * 60))
def test_nobody_is_asked_who_is_absent_or_untrained(found: DutyRoster, minute: int) -> None:
    at = NOW + timedelta(minutes=minute)
    asked = {*on_duty(found, at), *deputies(found, at)}
    for one in found.holders:
        if any(span.holds(at) for span in one.absent) or not any(span.holds(at) for span in one.trained):
            assert one.user not in asked


@given(st.sampled_from([None, "ann", "bob", "cleo"]), st.sampled_from(["ann", "bob"]), st.integers(-2, 2))
def test_what_is_entered_counts_for_whoever_gains_only_by_another_known_hand(by: str | None, about: str, hour: int) -> None:
    """Another's, before the question was asked; afterwards only one's own about oneself. Never that of nobody known."""
    counts = Discount(person="cleo", since=NOW).counts(by=by, about=about, at=NOW + hour * HOUR)
    assert counts == (by in {"ann", "bob"} and (by == about or hour <= 0))
