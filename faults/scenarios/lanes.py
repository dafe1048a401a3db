"""Lane 0 while a backlog of lane 2 waits: regulators are told in time, whatever goes out to subscribers."""

import time

from accounts.actors import system
from core.clock import utc_now
from faults.account import Account, percentile
from faults.stage import Stage
from stakeholders.models import Audience
from stakeholders.services import NewStakeholder, add_members, register_stakeholders

SEED = 20261108
ROWS, SHORT = 1_000_000, 1_000
FIRST = 100
LONGEST = 10.0
PACE = 200.0


def play(stage: Stage) -> Account:
    """Subscribers' letters are under way at the pace of a mail server that takes 200 a second; then 100 regulators are written to."""
    stage.release("Backlog")
    with stage.mail(pace=PACE), stage.workers():
        stage.until_heard(50)
        regulators = [f"regulator{number}@example.com" for number in range(FIRST)]
        people = [NewStakeholder("regulator", address, address) for address in regulators]
        registered = register_stakeholders(actor=system("faults"), now=utc_now(), people=people)
        audience = Audience.objects.get(key="customers")
        add_members(actor=system("faults"), now=utc_now(), audience=audience, stakeholders=registered)
        stage.release("Lane 0", addresses=[*stage.addresses, *regulators])
        released = time.time()
        stage.until(lambda: len(_heard(stage)) >= FIRST, "lane 0", 300)
        waiting = len(stage.meant) - len(stage.journal.accepted(stage.titles))
        took = percentile([at - released for at in _heard(stage).values()], 0.99)
        stage.notes.append(f"lane 0 p99 {took:.2f} s while {waiting} of lane 2 waited, the server taking {PACE:.0f} a second")
        if took > LONGEST:
            stage.broken.append(f"lane 0 took {took:.1f} s (p99), more than {LONGEST:.0f} s")
        if stage.short or stage.rows <= 10_000:
            stage.until_finished()
            return stage.account()
    # At full size the backlog itself proves nothing more: only lane 0 is judged.
    stage.meant = {("Lane 0", address) for address in regulators}
    stage.ended = stage.last_fault = time.monotonic()
    return stage.account()


def _heard(stage: Stage) -> dict[str, float]:
    lines = stage.journal.accepted({"Lane 0"})
    return {line.address: line.at for line in lines if line.address.startswith("regulator")}
