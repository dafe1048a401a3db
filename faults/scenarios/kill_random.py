"""`kill -9` at random: processes that send, and now and then a whole worker, while a release goes out."""

from faults.account import Account
from faults.stage import Stage

SEED = 20261101
ROWS, SHORT = 50_000, 600
KILLS, SHORT_KILLS = 200, 6
# Kills beyond this share of the letters would fall on workers that have nothing left to do.
KILLING_SHARE = 0.9


def play(stage: Stage) -> Account:
    """Spread over the letters: after so many were heard, the next process dies; each fifth time a whole worker."""
    stage.release("Killed at random")
    with stage.mail(), stage.workers() as crew:
        stage.until_heard(1)
        for number in range(stage.kills):
            stage.until_heard(min(stage.rows - 1, int(stage.rows * KILLING_SHARE * number / stage.kills)))
            whole = number % 5 == 4
            stage.until(lambda whole=whole: crew.kill_one(stage.chance, whole=whole), "a process to kill", 60)  # type: ignore[misc]  # bound per turn
            stage.hurt()
        stage.until_finished()
    return stage.account()
