"""A correction released at half: who got the wrong words gets the right ones, after them; nobody gets the wrong ones any more."""

from faults.account import Account
from faults.stage import Stage
from notifications.models import Delivery

SEED = 20261112
ROWS, SHORT, MESSAGES = 20_000, 600, 2
# Letters a second that the server takes, so that the second half is still to come while the correction is let out.
PACE = 100.0
WRONG, RIGHT = "Wrong words", "Right words"


def play(stage: Stage) -> Account:
    """The first message is meant for whoever it reached before the correction took its place, the second for exactly the same."""
    wrong = stage.release(WRONG)
    if wrong.release is None:
        raise RuntimeError("A release's message has a release.")
    approved = stage.approve(RIGHT, corrects=wrong.release.update_of)
    with stage.mail(pace=PACE), stage.workers():
        stage.until_heard(len(stage.addresses) // 2)
        right = stage.let_out(approved, RIGHT, [])
        stage.hurt()
        stage.until_finished()
    reached = {line.address for line in stage.journal.accepted({WRONG})}
    told = set(Delivery.objects.filter(message=right).values_list("contact_point__address", flat=True))
    stage.meant = {(WRONG, address) for address in reached} | {(RIGHT, address) for address in reached}
    # A letter of which nobody knew whether it was taken is put right as well: to be told too much is not to be misled.
    stage.meant |= {(RIGHT, line.address) for line in stage.journal.accepted({RIGHT}) if line.address in told}
    if len(reached) >= len(stage.addresses):
        stage.broken.append("nothing was left to correct")
    _order(stage)
    stage.notes.append(f"{len(reached)} of {len(stage.addresses)} got the wrong words, {len(told)} were told the right ones")
    return stage.account()


def _order(stage: Stage) -> None:
    last_wrong = {line.address: line.at for line in stage.journal.accepted({WRONG})}
    inverted = [line for line in stage.journal.accepted({RIGHT}) if last_wrong.get(line.address, 0.0) > line.at]
    if inverted:
        stage.broken.append(f"{len(inverted)} people heard the wrong words after the right ones")
