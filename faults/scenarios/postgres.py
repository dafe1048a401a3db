"""PostgreSQL stopped at once in the middle of sending (immediate shutdown: no checkpoint), and started again."""

import time

from faults.account import Account
from faults.stage import Stage

SEED = 20261105
ROWS, SHORT = 50_000, 600
KILLS, SHORT_KILLS = 5, 1
AWAY = 2.0


def play(stage: Stage) -> Account:
    """Letters on the wire go on being taken while nothing can be recorded; what was committed must hold when the database is back."""
    postgres = stage.services.postgres
    if postgres is None:
        raise RuntimeError("The programme starts its database itself.")
    stage.release("The database stopped")
    with stage.mail(), stage.workers():
        for number in range(stage.kills):
            stage.until_heard(int(stage.rows * 0.8 * (number + 0.5) / stage.kills))
            postgres.crash()
            time.sleep(AWAY)
            postgres.start()
            stage.hurt()
        stage.until_finished()
    stage.notes.append(f"{AWAY:.0f} s away each time")
    return stage.account()
