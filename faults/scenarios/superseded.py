"""A newer update of the same incident released at half, while workers die: everybody gets it, and nobody the older one after it."""

from faults.account import Account
from faults.stage import Stage

SEED = 20261113
ROWS, SHORT, MESSAGES = 20_000, 600, 2
KILLS, SHORT_KILLS = 20, 2
# Letters a second that the server takes, so that the second half is still to come while the newer update is let out.
PACE = 100.0
OLDER, NEWER = "The older update", "The newer update"


def play(stage: Stage) -> Account:
    """The older one is meant for whoever it reached, the newer one for all."""
    older = stage.release(OLDER, addresses=[])
    if older.incident is None:
        raise RuntimeError("A release's message has an incident.")
    approved = stage.approve(NEWER, incident=older.incident)
    half = len(stage.addresses) // 2
    with stage.mail(pace=PACE), stage.workers() as crew:
        stage.meant = {(OLDER, address) for address in stage.addresses}
        stage.until_heard(half)
        stage.let_out(approved, NEWER, stage.addresses)
        for number in range(stage.kills):
            stage.until_heard(half + (len(stage.addresses) * number) // (2 * stage.kills))
            stage.until(lambda: crew.kill_one(stage.chance, whole=False), "a process to kill", 60)
            stage.hurt()
        stage.until_finished()
    reached = {line.address for line in stage.journal.accepted({OLDER})}
    stage.meant = {(OLDER, address) for address in reached} | {(NEWER, address) for address in stage.addresses}
    if len(reached) >= len(stage.addresses):
        stage.broken.append("nobody was left to be told the newer one alone")
    first_newer = {line.address: line.at for line in reversed(stage.journal.accepted({NEWER}))}
    inverted = {line.address for line in stage.journal.accepted({OLDER}) if line.at > first_newer.get(line.address, line.at)}
    if inverted:
        stage.broken.append(f"{len(inverted)} people heard the older update after the newer one")
    stage.notes.append(f"{len(reached)} of {len(stage.addresses)} got the older one, all others the newer one alone")
    return stage.account()
