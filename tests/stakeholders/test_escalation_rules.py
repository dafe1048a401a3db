"""Escalation trees as pure rules: the plan, whom it tells, what is wrong with it, and a week of it."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.rules.availability import Cover, Segment
from accounts.rules.spans import Span
from stakeholders.rules.escalation import (
    Address,
    AddressState,
    Hours,
    Person,
    Step,
    Target,
    TargetKind,
    Tree,
    World,
    spans_of,
)
from stakeholders.rules.escalation_check import check
from stakeholders.rules.escalation_findings import Finding, Kind, Level
from stakeholders.rules.escalation_plan import circles, plan_of
from stakeholders.rules.escalation_told import simulate, timeline
from stakeholders.rules.escalation_week import Cell, days_from, grid, week_of

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
END = START + timedelta(days=7)
EMAIL = Address("email", AddressState.USABLE)
SMS = Address("sms", AddressState.USABLE)
ALWAYS = Hours()


def person(ref: str, *addresses: Address, quiet: tuple[Span, ...] = (), absent: tuple[Span, ...] = ()) -> Person:
    return Person(ref, ref.capitalize(), addresses, quiet, absent)


def to(ref: str) -> Target:
    return Target(TargetKind.PERSON, ref, name=ref.capitalize())


def on_to(key: str) -> Target:
    return Target(TargetKind.TREE, key, name=key)


def duty(ring: str = "on_duty") -> Target:
    return Target(TargetKind.DUTY, "legal", ring)


def segment(start: datetime, end: datetime, on_duty: tuple[str, ...], deputies: tuple[str, ...] = ()) -> Segment:
    return Segment(Span(start, end), on_duty, deputies, Cover.COVERED if on_duty else Cover.NOBODY)


def world(*trees: Tree, people: tuple[Person, ...] = (), legal: tuple[Segment, ...] = ()) -> World:
    known = {one.ref: one for one in people}
    return World({tree.key: tree for tree in trees}, known, {"legal": legal} if legal else {}, {ref: ref for ref in known})


def tree(key: str, *steps: Step, hours: Hours = ALWAYS, wakes: bool = True, gives_up_after: int = 240, retired: bool = False) -> Tree:
    return Tree(key, key, steps, hours, wakes, gives_up_after, retired)


def kinds(found: list[Finding]) -> set[Kind]:
    return {one.kind for one in found}


ADA, BOB, CAI = person("ada", EMAIL, SMS), person("bob", EMAIL, SMS), person("cai", EMAIL, SMS)
SOUND = world(tree("a", Step(10, (to("ada"), to("bob"))), Step(10, (to("cai"),))), people=(ADA, BOB, CAI))


# The plan.


def test_steps_come_one_after_the_other() -> None:
    assert [(step.offset, step.position) for step in plan_of(SOUND.trees, "a").steps] == [(0, 1), (10, 2)]


def test_a_tree_that_a_step_names_runs_beside_the_steps_that_follow() -> None:
    inner = tree("b", Step(3, (to("bob"),)), Step(3, (to("cai"),)))
    plan = plan_of(world(tree("a", Step(5, (to("ada"), on_to("b"))), Step(5, (to("cai"),))), inner).trees, "a")
    assert [(step.path, step.position, step.offset) for step in plan.steps] == [
        (("a",), 1, 0),
        (("a", "b"), 1, 0),
        (("a", "b"), 2, 3),
        (("a",), 2, 5),
    ]


def test_what_would_come_after_the_tree_gives_up_is_never_told() -> None:
    plan = plan_of(world(tree("a", Step(30, (to("ada"),)), Step(30, (to("bob"),)), gives_up_after=30)).trees, "a")
    assert [step.position for step in plan.steps] == [1]
    assert [(step.position, step.offset) for step in plan.too_late] == [(2, 30)]


def test_a_circle_is_found_and_the_plan_ends_all_the_same() -> None:
    trees = world(tree("a", Step(5, (on_to("b"),))), tree("b", Step(5, (on_to("c"),))), tree("c", Step(5, (on_to("b"),)))).trees
    assert circles(trees, "a") == (("b", "c", "b"),)
    assert len(plan_of(trees, "a").steps) == 3


def test_a_tree_that_names_itself_is_a_circle() -> None:
    assert circles({"a": tree("a", Step(5, (on_to("a"),)))}, "a") == (("a", "a"),)


# Whom it tells.


def test_a_sound_tree_tells_its_people_and_has_nothing_to_mend() -> None:
    assert check(SOUND, "a", START, END) == []
    assert [(firing.offset, firing.reached) for firing in simulate(SOUND, "a", START)] == [(0, ("Ada", "Bob")), (10, ("Cai",))]


def test_a_duty_is_read_when_its_step_comes_not_when_the_run_begins() -> None:
    shifts = (segment(START, START + timedelta(minutes=10), ("ada",)), segment(START + timedelta(minutes=10), END, ("bob",)))
    found = simulate(world(tree("a", Step(10, (duty(),)), Step(10, (duty(),))), people=(ADA, BOB), legal=shifts), "a", START)
    assert [firing.reached for firing in found] == [("Ada",), ("Bob",)]


def test_who_is_named_twice_by_a_step_is_told_once() -> None:
    shifts = (segment(START, END, ("ada",)),)
    found = simulate(world(tree("a", Step(10, (to("ada"), duty()))), people=(ADA,), legal=shifts), "a", START)
    assert found[0].reached == ("Ada",)


def test_quiet_hours_count_only_for_a_tree_that_does_not_wake() -> None:
    night = Span(START, START + timedelta(hours=6))
    sleeper = person("ada", EMAIL, SMS, quiet=(night,))
    for wakes, told in ((True, ("Ada",)), (False, ())):
        found = simulate(world(tree("a", Step(10, (to("ada"),)), wakes=wakes), people=(sleeper,)), "a", START)
        assert found[0].reached == told
        assert found[0].told[0].passed_over == ("" if wakes else "in their quiet hours")


def test_the_timeline_is_cut_where_quiet_hours_begin_and_end() -> None:
    hour = timedelta(hours=1)
    sleeper = person("ada", EMAIL, quiet=(Span(START + hour, START + 2 * hour),))
    found = timeline(world(tree("a", Step(10, (to("ada"),)), wakes=False), people=(sleeper,)), "a", START, START + 3 * hour)
    assert [(one.span.start - START, one.after) for one in found] == [(timedelta(), 0), (hour, None), (2 * hour, 0)]


def test_an_absence_is_said_with_its_end() -> None:
    away = person("ada", EMAIL, absent=(Span(START, START + timedelta(days=1)),))
    found = simulate(world(tree("a", Step(10, (to("ada"),))), people=(away,)), "a", START)
    assert found[0].told[0].passed_over == "absent until 3 March 2026, 00:00 UTC"


# What is wrong with it.


def test_a_circle_is_said_by_the_names_of_its_trees() -> None:
    found = check(world(tree("a", Step(5, (to("ada"), on_to("b")))), tree("b", Step(5, (on_to("a"),))), people=(ADA,)), "a", START, END)
    circle = next(one for one in found if one.kind is Kind.CIRCLE)
    assert circle.level is Level.BLOCK
    assert circle.message == "The trees lead back to themselves: “a” → “b” → “a”."


def test_a_tree_without_steps_and_one_it_names_are_dead_ends() -> None:
    assert kinds(check(world(tree("a")), "a", START, END)) == {Kind.NO_STEPS}
    found = check(world(tree("a", Step(5, (to("ada"), on_to("b")))), tree("b"), people=(ADA,)), "a", START, END)
    assert [(one.kind, one.tree) for one in found] == [(Kind.NO_STEPS, "b")]


def test_a_step_that_tells_nobody_is_a_dead_end() -> None:
    found = check(world(tree("a", Step(5, (to("ada"),)), Step(7)), people=(ADA,)), "a", START, END)
    assert kinds(found) == {Kind.NO_TARGET, Kind.NOBODY_AT_THE_END}
    assert next(one for one in found if one.kind is Kind.NO_TARGET).message == "Step 2 of “a” tells nobody: 7 minutes pass for nothing."


def test_a_tree_whose_people_have_no_address_tells_nobody_at_any_hour() -> None:
    found = check(world(tree("a", Step(5, (to("ada"),))), people=(person("ada"),)), "a", START, END)
    assert kinds(found) == {Kind.UNREACHABLE_TARGET, Kind.NOBODY_AT_THE_END}
    assert found[0].level is Level.BLOCK


def test_a_step_after_the_tree_gives_up_is_unreachable() -> None:
    found = check(world(tree("a", Step(30, (to("ada"),)), Step(5, (to("bob"),)), gives_up_after=20), people=(ADA, BOB)), "a", START, END)
    assert [(one.kind, one.position) for one in found] == [(Kind.UNREACHABLE_STEP, 2)]
    assert "after 30 minutes, and “a” gives up after 20" in found[0].message


def test_a_retired_tree_is_named_for_nothing() -> None:
    found = check(world(tree("a", Step(5, (to("ada"), on_to("b")))), tree("b", retired=True), people=(ADA,)), "a", START, END)
    assert [(one.kind, one.position) for one in found] == [(Kind.RETIRED_TREE, 1)]


def test_addresses_unconfirmed_suppressed_or_confirmed_long_ago_are_named_with_their_cure() -> None:
    pending, suppressed, stale = (Address("sms", state) for state in (AddressState.PENDING, AddressState.SUPPRESSED, AddressState.STALE))
    for address, kind, words in (
        (pending, Kind.BAD_ADDRESS, "sms waits for its confirmation"),
        (suppressed, Kind.BAD_ADDRESS, "sms is suppressed"),
        (stale, Kind.STALE_ADDRESS, "confirmed long ago"),
    ):
        found = check(world(tree("a", Step(5, (to("ada"), to("bob")))), people=(person("ada", EMAIL, address), BOB)), "a", START, END)
        assert [one.kind for one in found] == [kind]
        assert words in found[0].message
        assert found[0].cure
    gone = person("ada", pending, suppressed)
    found = check(world(tree("a", Step(5, (to("ada"), to("bob")))), people=(gone, BOB)), "a", START, END)
    assert "cannot be reached: sms waits for its confirmation; sms is suppressed." in found[0].message


def test_a_step_that_hangs_on_one_person_with_one_address_is_a_single_point() -> None:
    lone = person("ada", EMAIL)
    assert kinds(check(world(tree("a", Step(5, (to("ada"),))), people=(lone,)), "a", START, END)) == {Kind.SINGLE_POINT}
    assert check(world(tree("a", Step(5, (to("ada"), to("bob")))), people=(lone, BOB)), "a", START, END) == []
    shifts = (segment(START, START + timedelta(days=1), ("ada", "bob")), segment(START + timedelta(days=1), END, ("ada",)))
    assert kinds(check(world(tree("a", Step(5, (duty(),))), people=(lone, BOB), legal=shifts), "a", START, END)) == {Kind.SINGLE_POINT}


def test_hours_that_nobody_covers_are_told_with_what_keeps_people() -> None:
    shifts = (segment(START, START + timedelta(days=6), ("ada", "bob")), segment(START + timedelta(days=6), END, ()))
    found = check(world(tree("a", Step(5, (duty(),))), people=(ADA, BOB), legal=shifts), "a", START, END)
    assert [(one.kind, one.spans) for one in found] == [(Kind.UNCOVERED, (Span(START + timedelta(days=6), END),))]
    assert found[0].message == "For 24 of the hours that “a” promises, nobody would be told."
    assert found[0].why == ("on duty, legal review: nobody is on duty who can act",)


def test_hours_that_the_tree_does_not_promise_are_no_finding() -> None:
    shifts = (segment(START, START + timedelta(days=5), ("ada", "bob")), segment(START + timedelta(days=5), END, ()))
    office = Hours(days=frozenset(range(5)))
    assert check(world(tree("a", Step(5, (duty(),)), hours=office), people=(ADA, BOB), legal=shifts), "a", START, END) == []


def test_a_later_step_covers_what_the_first_does_not() -> None:
    shifts = (segment(START, END + timedelta(days=1), ()),)
    found = check(world(tree("a", Step(5, (duty(),)), Step(5, (to("ada"), to("bob")))), people=(ADA, BOB), legal=shifts), "a", START, END)
    assert Kind.UNCOVERED not in kinds(found)


# A week.


def test_a_week_has_the_hours_that_its_clock_has() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for monday, hours in ((date(2026, 3, 23), 167), (date(2026, 3, 2), 168), (date(2026, 10, 19), 169)):
        start, end = days_from(monday, berlin)
        one = tree("a", Step(5, (to("ada"),)))
        days = grid(one, timeline(world(one, people=(ADA,)), "a", start, end), start, end, berlin)
        assert [day.day for day in days] == [monday + timedelta(days=n) for n in range(7)]
        assert sum(len(day.hours) for day in days) == hours
        for day in days:
            labels = [hour.label for hour in day.hours]
            assert len(set(labels)) == len(labels)
            assert labels[0] == "00:00"
            assert labels[-1] == "23:00"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = days_from(date(2026, 10, 19), berlin)
    one = tree("a", Step(5, (to("ada"),)))
    sunday = grid(one, timeline(world(one, people=(ADA,)), "a", start, end), start, end, berlin)[-1]
    assert [hour.label for hour in sunday.hours][1:5] == ["01:00", "02:00", "02:00 (CET)", "03:00"]


def test_the_week_around_an_instant_is_that_of_the_zone() -> None:
    sunday_night = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    assert week_of(sunday_night, ZoneInfo("UTC"))[0] == datetime(2026, 3, 2, tzinfo=UTC)
    assert week_of(sunday_night, ZoneInfo("Europe/Berlin"))[0] == datetime(2026, 3, 8, 23, tzinfo=UTC)


def test_an_hour_says_whether_somebody_is_told_at_once_later_partly_or_never() -> None:
    hour = timedelta(hours=1)
    shifts = (
        segment(START, START + hour, ("ada",)),
        segment(START + hour, START + 2 * hour + hour / 4, ()),
        segment(START + 2 * hour + hour / 4, END + hour, ("bob",)),
    )
    one = tree("a", Step(30, (duty(),)), Step(30, (duty(),)))
    seen = world(one, people=(ADA, BOB), legal=shifts)
    days = grid(one, timeline(seen, "a", START, END), START, END, ZoneInfo("UTC"))
    assert [hour.cell for hour in days[0].hours][:4] == [Cell.COVERED, Cell.PARTLY, Cell.LATER, Cell.COVERED]
    assert days[0].hours[2].after == 30


def test_promised_hours_follow_the_clock_of_their_zone() -> None:
    spring = spans_of(
        Hours(frozenset({5, 6}), time(22), time(6), "Europe/Berlin"), datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
    )
    assert [(span.end - span.start) / timedelta(hours=1) for span in spring] == [7, 8]


# Against a model that does it minute by minute.

KEYS = ["a", "b", "c"]
REFS = ["ada", "bob", "cai"]
QUARTER = timedelta(minutes=15)
WINDOW = START + timedelta(hours=6)
REACH = START + timedelta(hours=14)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    at, found = START - 4 * QUARTER, []
    for gap, length in draw(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), max_size=3)):
        found.append(Span(at + gap * QUARTER, at + (gap + length) * QUARTER))
        at = found[-1].end
    return tuple(found)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    # Mostly people who are reached, in trees that wake nobody: else there is little to tell apart.
    states = st.lists(st.sampled_from([*[AddressState.USABLE] * 4, *AddressState]), min_size=1, max_size=2)
    people = tuple(
        person(ref, *(Address("email", state) for state in draw(states)), quiet=draw(spans()), absent=draw(spans())) for ref in REFS
    )
    edges = sorted({START - QUARTER, REACH, *(edge for span in draw(spans()) for edge in (span.start, span.end))})
    groups = st.lists(st.sampled_from(REFS), max_size=2, unique=True).map(tuple)
    legal = tuple(segment(left, right, draw(groups), draw(groups)) for left, right in pairwise(edges))
    named = [*(to(ref) for ref in REFS), *(to(ref) for ref in REFS), *(on_to(key) for key in KEYS), duty(), duty("deputies")]
    targets = st.lists(st.sampled_from(named), max_size=3, unique=True).map(tuple)
    trees = [
        tree(
            key,
            *draw(st.lists(st.builds(Step, st.integers(1, 6).map(lambda n: n * 15), targets), min_size=int(key == "a"), max_size=3)),
            wakes=draw(st.sampled_from([False, False, False, True])),
            gives_up_after=draw(st.integers(1, 16)) * 15,
            retired=key != "a" and draw(st.booleans()),
        )
        for key in KEYS
    ]
    return world(*trees, people=people, legal=legal)


def held(stretches: tuple[Span, ...], at: datetime) -> bool:
    return any(span.start <= at < span.end for span in stretches)


def told_by_hand(of: World, at: datetime) -> list[tuple[int, tuple[str, ...]]]:
    """Walks the minutes of a run that begins at `at`, quarter by quarter, with a clock for each tree that has begun."""
    root = of.trees["a"]
    begun: dict[str, int] = {"a": 0}
    found = []
    for minute in range(0, root.gives_up_after, 15):
        while True:
            came = [
                (key, step)
                for key, since in begun.items()
                for index, step in enumerate(of.trees[key].steps)
                if since + sum(before.wait for before in of.trees[key].steps[:index]) == minute
            ]
            new = {
                target.ref
                for _, step in came
                for target in step.targets
                if target.kind is TargetKind.TREE and not of.trees[target.ref].retired and target.ref not in begun
            }
            if not new:
                break
            begun |= dict.fromkeys(new, minute)
        moment = at + timedelta(minutes=minute)
        names: set[str] = set()
        for _, step in came:
            for target in step.targets:
                refs = [target.ref] if target.kind is TargetKind.PERSON else []
                if target.kind is TargetKind.DUTY:
                    running = [one for one in of.duties.get("legal", ()) if one.span.start <= moment < one.span.end]
                    refs = [ref for one in running for ref in (one.deputies if target.ring == "deputies" else one.on_duty)]
                for ref in refs:
                    there = of.people[ref]
                    sent = [one for one in there.addresses if one.state in {AddressState.USABLE, AddressState.STALE}]
                    if sent and not held(there.absent, moment) and (root.wakes or not held(there.quiet, moment)):
                        names.add(there.name)
        if names:
            found.append((minute, tuple(sorted(names))))
    return found


def together(steps: tuple[tuple[int, tuple[str, ...]], ...]) -> list[tuple[int, tuple[str, ...]]]:
    """Steps that come at one time as one."""
    found: dict[int, set[str]] = {}
    for offset, names in steps:
        found.setdefault(offset, set()).update(names)
    return [(offset, tuple(sorted(names))) for offset, names in sorted(found.items())]


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_every_quarter_of_an_hour_tells_what_a_walk_through_its_minutes_tells(of: World) -> None:
    found = timeline(of, "a", START, WINDOW)
    assert found[0].span.start == START
    assert found[-1].span.end == WINDOW
    at = START
    while at < WINDOW:
        stretch = next(one for one in found if one.span.holds(at))
        assert together(stretch.steps) == told_by_hand(of, at)
        at += QUARTER


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_what_the_check_finds_is_what_is_there(of: World) -> None:
    found = check(of, "a", START, WINDOW)
    # Circles: some tree that is reached leads, by however many others, to itself.
    named = {
        key: {target.ref for step in one.steps for target in step.targets if target.kind is TargetKind.TREE}
        for key, one in of.trees.items()
    }
    leads = {key: set(refs) for key, refs in named.items()}
    for middle in KEYS:
        for key in KEYS:
            if middle in leads[key]:
                leads[key] |= leads[middle]
    assert (Kind.CIRCLE in kinds(found)) == any(key in leads[key] for key in {"a"} | leads["a"])
    # Steps without a target, in the trees that a run begins.
    begun = plan_of(of.trees, "a")
    trees = {"a"} | {key for step in (*begun.steps, *begun.too_late) for key in step.path}
    empty = {(key, index) for key in trees for index, step in enumerate(of.trees[key].steps, 1) if not step.targets}
    assert {(one.tree, one.position) for one in found if one.kind is Kind.NO_TARGET} == empty
    # Uncovered hours: the quarters in which nobody is told, unless it is graver than that.
    blocked = any(one.level is Level.BLOCK for one in found)
    holes = [span for one in found if one.kind is Kind.UNCOVERED for span in one.spans]
    at = START
    while at < WINDOW and not blocked:
        assert any(span.holds(at) for span in holes) == (told_by_hand(of, at) == [])
        at += QUARTER
    assert all(one.message and one.cure for one in found)
