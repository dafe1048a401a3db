"""Workers that sleep past their lease and wake: their letters are others' by then (SIGSTOP, later SIGCONT)."""

import signal
import time

from faults.account import Account
from faults.stage import Stage

SEED = 20261103
ROWS, SHORT = 50_000, 600
KILLS, SHORT_KILLS = 10, 2


def play(stage: Stage) -> Account:
    """Each time half of the processes that send, in the middle of their windows, until their leases are over and others went on."""
    stage.release("Stopped past the lease")
    asleep = 5.0 if stage.short else 9.0
    # In the short form a pace at which a window takes its time: whoever is stopped has letters in hand.
    with stage.mail(pace=100 if stage.short else 0), stage.workers(2) as crew:
        for number in range(stage.kills):
            stage.until_heard(max(1, int(stage.rows * 0.8 * number / stage.kills)))
            stage.until(lambda: len(crew.children()) >= 4, "processes", 60)
            sleepers = stage.chance.sample(crew.children(), 2)
            crew.signal(signal.SIGSTOP, sleepers)
            time.sleep(asleep)
            crew.signal(signal.SIGCONT, sleepers)
            stage.hurt()
        stage.until_finished()
    if not stage.count_ambiguous()[0]:
        stage.broken.append("nobody was stopped with letters in hand")
    stage.notes.append(f"{asleep:.0f} s asleep each time")
    return stage.account()
