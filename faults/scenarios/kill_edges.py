"""Death at each edge between two states: before and after each commit, and on the wire (`faults.failpoints.EDGES`)."""

from pathlib import Path

from faults import failpoints
from faults.account import Account
from faults.stage import Stage
from notifications.services import expand

SEED = 20261102
ROWS, SHORT = 50_000, 600
KILLS, SHORT_KILLS = 208, len(failpoints.EDGES)


def play(stage: Stage) -> Account:
    """As many deaths at each edge; the release plans nothing itself, so that all of the plan is worked off by workers."""
    tokens = stage.folder / "tokens"
    tokens.mkdir()
    each = max(1, stage.kills // len(failpoints.EDGES))
    for edge in failpoints.EDGES:
        for number in range(each):
            (tokens / f"{edge}.{number}").touch()
    before, expand.FIRST_PIECES = expand.FIRST_PIECES, 0
    try:
        stage.release("Killed at every edge")
    finally:
        expand.FIRST_PIECES = before
    piece = str(max(50, stage.rows // (4 * each)))
    odds = "1" if stage.short else "0.5"
    with stage.mail(), stage.workers(FAULT_TOKENS=str(tokens), FAULT_PIECE=piece, FAULT_ODDS=odds):
        for deaths_left in reversed(range(stage.kills)):
            stage.until(lambda deaths_left=deaths_left: _left(tokens) <= deaths_left or stage.is_finished(), "the next death")  # type: ignore[misc]  # bound per turn
            stage.hurt()
        stage.until_finished()
    if unmet := failpoints.left(tokens):
        stage.broken.append(f"no worker came to these edges often enough: {', '.join(unmet)}")
    stage.notes.append(f"{each} deaths at each of {len(failpoints.EDGES)} edges")
    return stage.account()


def _left(tokens: Path) -> int:
    return sum(1 for _ in tokens.iterdir())
