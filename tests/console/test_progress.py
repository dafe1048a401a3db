"""Five piles instead of fifteen states."""

from console.progress import PILES, summed_up
from notifications.rules.states import DeliveryState


def test_every_state_lies_on_exactly_one_pile() -> None:
    assert sorted(state for members in PILES.values() for state in members) == sorted(DeliveryState)


def test_failures_are_grouped_by_their_cause() -> None:
    view = summed_up(
        {
            "planned": 4,
            "done": True,
            "states": {"accepted": 2, "bounced": 2},
            "by_channel": {"email": {"accepted": 2, "bounced": 2}},
            "stopped": "",
            "failures": [
                {"recipient": "Reader 1", "state": "bounced", "reason": "No such mailbox"},
                {"recipient": "Reader 2", "state": "bounced", "reason": "No such mailbox"},
            ],
        }
    )
    assert (view.accepted, view.failed, view.waiting) == (2, 2, 0)
    assert [(group.reason, group.count) for group in view.failures] == [("No such mailbox", 2)]
    assert [(row.channel, row.accepted, row.failed) for row in view.channels] == [("email", 2, 2)]
