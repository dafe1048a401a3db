"""The routing matrix: which route counts, what of it an update may use, and how mistakes are named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.routing import (
    CHANNELS,
    PERSONAL,
    InvalidRoute,
    Route,
    Step,
    as_json,
    content_name,
    in_words,
    read_steps,
    route,
    usable,
)

EMAIL, SMS, PAGE, DASHBOARD = Step("email", 10), Step("sms"), Step("page:public"), Step("dashboard")
NAMES = ["email", "sms", "webhook", "slack", "teams", "page", "dashboard"]
STEPS = st.lists(st.sampled_from(CHANNELS), unique=True).map(
    lambda channels: tuple(Step(channel, 10 if channel in PERSONAL else None) for channel in channels)
)


def test_an_audiences_own_route_comes_before_that_of_every_audience() -> None:
    rules = [Route("critical", None, (EMAIL, SMS)), Route("critical", "internal", (SMS,)), Route("low", None, (PAGE,))]
    assert route("critical", "customers", rules) == (EMAIL, SMS)
    assert route("critical", "internal", rules) == (SMS,)
    assert route("low", "internal", rules) == (PAGE,)
    assert route("high", "customers", rules) == ()


@given(STEPS, *(st.sets(st.sampled_from(NAMES)) for _ in range(3)))
def test_the_matrix_orders_and_narrows_what_was_approved_and_never_widens_it(
    steps: tuple[Step, ...], approved: set[str], forbidden: set[str], carried: set[str]
) -> None:
    way = usable(steps, approved=approved, forbidden=forbidden, carried=carried)
    used = [*way.kinds, *way.surfaces]
    assert all(content_name(channel) in approved - forbidden for channel in used)
    assert set(way.kinds) <= carried
    order = [step.channel for step in steps]
    assert sorted(way.kinds, key=order.index) == list(way.kinds)
    assert {*used, *(channel for channel, _ in way.left_out)} == set(order)
    assert not way.steps or way.steps[-1].fallback_after is None


def test_why_a_channel_is_left_out_is_said() -> None:
    way = usable((EMAIL, SMS, Step("slack"), PAGE), approved={"email", "slack", "page"}, forbidden={"page"}, carried={"email"})
    assert way.left_out == (
        ("sms", "the update does not name it"),
        ("slack", "no provider is set up for it"),
        ("page:public", "the policy forbids it"),
    )


@given(STEPS)
def test_what_is_read_and_written_again_is_the_same(steps: tuple[Step, ...]) -> None:
    written = as_json(steps)
    for item in reversed(written):
        if item["channel"] in PERSONAL:
            item["fallback_after_minutes"] = None
            break
    assert as_json(read_steps(written)) == written


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("email", "list of channels"),
        ([{"channel": "fax"}], "no channel “fax”"),
        ([{"channel": "sms"}, {"channel": "sms"}], "SMS is named twice"),
        ([{"channel": "email", "fallback_after_minutes": 5}], "Nothing follows e-mail"),
        ([{"channel": "email", "fallback_after_minutes": 0}, {"channel": "sms"}], "E-mail: give whole minutes"),
        ([{"channel": "dashboard", "fallback_after_minutes": 5}], "looked at and not received"),
        ([{"to": "email"}], "A step has a channel"),
    ],
)
def test_a_mistake_is_named_with_its_cure(written: Any, words: str) -> None:
    with pytest.raises(InvalidRoute, match=words):
        read_steps(written)


def test_every_mistake_is_named() -> None:
    with pytest.raises(InvalidRoute) as refusal:
        read_steps([{"channel": "fax"}, {"channel": "sms"}, {"channel": "sms"}, 7])
    assert len(refusal.value.problems) == 3


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "Nobody is told by any channel."),
        ((SMS,), "By SMS alone."),
        ((PAGE, DASHBOARD), "Shown on the public page and the dashboard."),
        (
            (EMAIL, SMS, PAGE),
            (
                "By the first of these that a person has an address for: e-mail, SMS. What e-mail has not taken over within 10 min goes by"
                " the next of them too. Shown on the public page."
            ),
        ),
    ],
)
def test_it_says_what_will_happen(steps: tuple[Step, ...], words: str) -> None:
    assert in_words(steps) == words
