"""Five piles instead of fourteen states; a row per provider, failures by cause, and how long the rest takes."""

from console.progress import PILES, summed_up, time_left
from notifications.queries.counts import CauseCount, Pace
from notifications.queries.live import Live, Share
from notifications.rules.states import DeliveryState


def test_every_state_lies_on_exactly_one_pile() -> None:
    assert sorted(state for members in PILES.values() for state in members) == sorted(DeliveryState)


def view(*, whole: bool = True) -> Live:
    return Live(
        rows={
            ("email", ""): {"planned": 100},
            ("email", "smtp"): {"accepted": 60, "sending": 20, "bounced": 20},
            ("sms", ""): {"planned": 5},
        },
        paces={("email", "smtp"): Pace(120, 2.0)},
        causes=[
            CauseCount("email", "bounced", "no such mailbox", 20),
            CauseCount("email", "dead", "spam", 3),
            CauseCount("email", "retry_wait", "later", 2),
        ],
        planned_whole=whole,
    )


def test_what_was_never_tried_stands_with_who_carries_its_channel() -> None:
    shown = summed_up(view())
    assert [(row.channel, row.provider, row.accepted, row.failed, row.waiting, row.left) for row in shown.rows] == [
        ("E-mail", "Mail server (SMTP)", 60, 20, 120, "less than a minute"),
        ("SMS", "not tried yet", 0, 0, 5, ""),
    ]
    assert (shown.planned, shown.accepted, shown.in_flight, shown.waiting, shown.failed, shown.unsent) == (205, 60, 20, 105, 20, 125)


def test_each_cause_has_the_one_act_that_helps() -> None:
    assert [(cause.state, cause.act, cause.listed) for cause in summed_up(view()).causes] == [
        ("bounced", "", True),
        ("dead", "again", True),
        ("retry_wait", "now", False),
    ]


def test_it_is_settled_when_nothing_is_open_nor_still_to_be_planned() -> None:
    settled = {("email", "smtp"): {"accepted": 2}}
    assert summed_up(Live(settled, {}, [], planned_whole=True)).done
    assert not summed_up(Live(settled, {}, [], planned_whole=False)).done
    assert summed_up(view()).said == "20 % accepted, 20 failed."
    assert summed_up(Live(settled, {}, [], planned_whole=True)).said == "Everything is settled: 2 of 2 accepted."


def test_the_time_left_is_said_roughly_or_not_at_all() -> None:
    given = [(0, 5.0), (100, 0.0), (100, 2.0), (1000, 2.0), (100_000, 2.0)]
    shares = [Share("email", "smtp", {"planned": waiting, "accepted": 7}, pace) for waiting, pace in given]
    assert [time_left(share.seconds_left) for share in shares] == [
        "",
        "",
        "less than a minute",
        "about 9 min",
        "about 13 h",
    ]
