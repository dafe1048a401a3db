"""A mail server that breaks off before and after it has taken a letter, refuses for now and for good, and is slow."""

from faults.account import Account
from faults.stage import Stage

SEED = 20261106
ROWS, SHORT = 50_000, 500
_FAULTS = ("drop_before", "drop_data", "drop_after", "4xx", "5xx", "refuse")


def play(stage: Stage) -> Account:
    """Each fault meets one letter in a hundred of the first nine tenths; slowness one in a thousand, for it takes everybody's time."""
    of = stage.rows * 9 // 10
    each, slow = (max(1, stage.rows // 100), max(2, stage.rows // 1000))
    stage.release("The mail server fails")
    stage.hurt()
    with stage.mail(*(f"{fault}={each}/{of}" for fault in _FAULTS), f"slow={slow}/{of}"), stage.workers():
        stage.until_finished()
    stage.notes.append(f"{each} each of {', '.join(_FAULTS)}; {slow} slow")
    return stage.account()
