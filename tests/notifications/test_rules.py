"""Rules over plain values."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.lanes import lane_of
from notifications.rules.retry import after, backoff
from notifications.rules.smtp_replies import Stage, meaning
from notifications.rules.states import MOVES, OPEN, TERMINAL, DeliveryState, Lane, Outcome


@given(st.sampled_from(Outcome), st.integers(0, 1000), st.integers(0, 5), st.floats(0, 1, exclude_max=True))
def test_whatever_happens_to_an_attempt_is_a_move_that_exists(outcome: Outcome, tries: int, ambiguous: int, chance: float) -> None:
    following = after(outcome, tries=tries, ambiguous=ambiguous, chance=lambda: chance)
    assert following.state in MOVES[DeliveryState.SENDING]
    assert timedelta(0) <= following.wait <= timedelta(minutes=15)


def test_no_step_leads_out_of_an_end() -> None:
    assert all(not MOVES[state] for state in TERMINAL)
    assert all(MOVES[state] for state in OPEN)


def test_waits_grow_from_five_seconds_to_fifteen_minutes() -> None:
    ceilings = [backoff(tries, lambda: 1.0).total_seconds() for tries in range(12)]
    assert ceilings[:4] == [5, 10, 20, 40]
    assert ceilings[-1] == 900


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        (Stage.RECIPIENT, 550, "5.1.1 no such user", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 550, "no such user", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 550, "5.7.1 relaying denied", Outcome.REFUSED),
        (Stage.RECIPIENT, 452, "4.2.2 mailbox full", Outcome.TRANSIENT),
        (Stage.RECIPIENT, 530, "5.7.0 sign in", Outcome.CONFIGURATION),
        (Stage.SENDER, 553, "5.1.8 sender not allowed", Outcome.CONFIGURATION),
        (Stage.SENDER, 421, "4.3.2 going down", Outcome.TRANSIENT),
        (Stage.DATA, 554, "no valid recipients", Outcome.REFUSED),
        (Stage.END, 552, "5.3.4 too big", Outcome.REFUSED),
        (Stage.END, 451, "4.7.1 greylisted", Outcome.TRANSIENT),
        (Stage.END, 250, "2.0.0 ok", Outcome.ACCEPTED),
    ],
)
def test_a_reply_means(stage: Stage, code: int, text: str, expected: Outcome) -> None:
    assert meaning(stage, code, text) is expected


def test_regulators_come_first_and_internal_bulk_last() -> None:
    assert lane_of(stakeholder_kind="regulator", audience_is_internal=True) is Lane.FIRST
    assert lane_of(stakeholder_kind="customer", audience_is_internal=False) is Lane.SUBSCRIBERS
    assert lane_of(stakeholder_kind="person", audience_is_internal=True) is Lane.INTERNAL
