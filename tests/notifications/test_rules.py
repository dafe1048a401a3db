"""Rules over plain values."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.lanes import lanes_of
from notifications.rules.retry import after, backoff, retries_after_death
from notifications.rules.smtp_replies import Stage, held_against_us, meaning
from notifications.rules.states import MOVES, OPEN, RANKS, TERMINAL, DeliveryState, Lane, Outcome


@given(st.sampled_from(Outcome), st.integers(0, 1000), st.integers(0, 5), st.floats(0, 1, exclude_max=True))
def test_whatever_happens_to_an_attempt_is_a_move_that_exists(outcome: Outcome, tries: int, ambiguous: int, chance: float) -> None:
    following = after(outcome, tries=tries, ambiguous=ambiguous, chance=lambda: chance)
    assert following.state in MOVES[DeliveryState.SENDING]
    assert timedelta(0) <= following.wait <= timedelta(minutes=15)


def test_out_of_an_end_leads_the_providers_later_word_or_a_person_who_has_it_sent_again() -> None:
    told = set(RANKS)
    for state in TERMINAL:
        assert MOVES[state] <= {*told, DeliveryState.QUEUED}
        assert all(RANKS[later] > RANKS[state] for later in MOVES[state] & told if state in RANKS)
    for final in (DeliveryState.BOUNCED, DeliveryState.SUPPRESSED, DeliveryState.SUPERSEDED, DeliveryState.CANCELLED):
        assert not MOVES[final]
    assert all(MOVES[state] for state in OPEN)


def test_waits_grow_from_five_seconds_to_fifteen_minutes() -> None:
    ceilings = [backoff(tries, lambda: 1.0).total_seconds() for tries in range(12)]
    assert ceilings[:4] == [5, 10, 20, 40]
    assert ceilings[-1] == 900


def test_a_channel_with_a_schedule_of_its_own_keeps_to_it() -> None:
    waits = (timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=2))
    found = [after(Outcome.TRANSIENT, tries=n, ambiguous=0, chance=lambda: 0.0, waits=waits).wait for n in range(4)]
    assert found == [*waits, waits[-1]]
    assert after(Outcome.TRANSIENT, tries=0, ambiguous=0, chance=lambda: 1.0, waits=waits).wait == timedelta(seconds=5.5)


@pytest.mark.parametrize(("channel", "allowed", "retries"), [("email", 1, 10), ("sms", 0, 0), ("slack", 1, 1), ("webhook", 9, 9)])
def test_what_a_dead_worker_left_is_sent_again_as_far_as_its_channel_may_repeat(channel: str, allowed: int, retries: int) -> None:
    assert retries_after_death(channel, allowed) == retries


def test_who_asks_for_more_time_gets_it() -> None:
    later = timedelta(hours=1)
    assert after(Outcome.TRANSIENT, tries=0, ambiguous=0, chance=lambda: 1.0, asked=later).wait == later
    assert after(Outcome.TRANSIENT, tries=11, ambiguous=0, chance=lambda: 1.0, asked=timedelta(seconds=1)).wait == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        (Stage.RECIPIENT, 550, "5.1.1 no such user", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 550, "5.1.2 no such domain", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 553, "5.1.3 bad syntax", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 551, "5.1.6 moved", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 556, "5.1.10 null MX", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 550, "5.2.1 mailbox disabled", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 550, "no such user", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 551, "user not local", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 553, "mailbox name not allowed", Outcome.BAD_ADDRESS),
        (Stage.RECIPIENT, 550, "Sender verify failed", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "mail from your host is not accepted", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "over quota", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "Relaying denied", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "rejected for policy reasons", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "looks like SPAM", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "your address is blocked", Outcome.REFUSED),
        (Stage.RECIPIENT, 554, "no", Outcome.REFUSED),
        (Stage.RECIPIENT, 501, "bad parameter", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "5.1.0 address rejected", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "5.1.7 bad sender's mailbox", Outcome.CONFIGURATION),
        (Stage.RECIPIENT, 550, "5.1.8 bad sender's system", Outcome.CONFIGURATION),
        (Stage.RECIPIENT, 552, "5.2.2 mailbox full", Outcome.TRANSIENT),
        (Stage.RECIPIENT, 550, "5.2.2 over quota", Outcome.TRANSIENT),
        (Stage.RECIPIENT, 552, "exceeded storage allocation", Outcome.TRANSIENT),
        (Stage.RECIPIENT, 550, "5.3.2 not taking mail", Outcome.REFUSED),
        (Stage.RECIPIENT, 550, "5.5.0 requested action not taken", Outcome.REFUSED),
        (Stage.RECIPIENT, 504, "5.5.2 need a full host name", Outcome.REFUSED),
        (Stage.RECIPIENT, 503, "5.5.1 MAIL first", Outcome.CONFIGURATION),
        (Stage.RECIPIENT, 503, "bad sequence of commands", Outcome.CONFIGURATION),
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


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.BAD_ADDRESS] * 5, 5),
        ([Outcome.BAD_ADDRESS] * 4, 0),
        ([Outcome.BAD_ADDRESS] * 9 + [Outcome.ACCEPTED], 0),
        ([Outcome.ACCEPTED] + [Outcome.BAD_ADDRESS] * 9, 0),
        ([Outcome.ACCEPTED] + [Outcome.BAD_ADDRESS] * 10, 10),
        ([], 0),
    ],
)
def test_where_everybody_bounced_or_many_in_a_row_that_speaks_against_us(outcomes: list[Outcome], expected: int) -> None:
    assert held_against_us(outcomes) == expected


def test_regulators_come_first_and_internal_bulk_last() -> None:
    assert lanes_of(audience_is_internal=False) == (Lane.FIRST, Lane.KEY_ACCOUNTS, Lane.SUBSCRIBERS)
    assert lanes_of(audience_is_internal=True) == (Lane.FIRST, Lane.INTERNAL)
