"""Workers whose clocks are an hour fast and an hour slow, as after a daylight-saving change misread: nothing leaves early, or late.

The workers' own clock is shifted where the application reads it (`core.clock.utc_now`); the database's stays right.
"""

from datetime import timedelta

from approvals.services import release_update
from bench.scene import approve
from core.clock import utc_now
from faults.account import Account
from faults.stage import Stage
from notifications.models import Message

SEED = 20261109
ROWS, SHORT, MESSAGES = 20_000, 400, 2
LATEST = 20.0
TITLES = ("Fast clocks alone", "Slow clocks alone")


def play(stage: Stage) -> Account:
    """A release planned for a moment to come, with nobody but workers of one wrong clock to let it out; then the same of the other."""
    with stage.mail():
        for title, seconds in zip(TITLES, ("3600", "-3600"), strict=True):
            with stage.workers(1, FAULT_CLOCK=seconds):
                stage.until(lambda title=title: _ready(stage, title), "the worker", 90)  # type: ignore[misc]  # bound per turn
                now = utc_now()
                update_id, revision = approve(stage.people, now, title=title)
                due = utc_now() + timedelta(seconds=8)
                release_update(actor=stage.people.commander, now=now, update_id=update_id, revision=revision, at=due)
                planned = Message.objects.filter(release__update_of=update_id)
                stage.until(planned.exists, "the planned release", 60)
                stage.expect(planned.get(), title, stage.addresses)
                stage.hurt()
                stage.until_finished()
            _judge(stage, title, due.timestamp())
    stage.notes.append("workers' clocks 1 h fast, then 1 h slow")
    return stage.account()


def _ready(stage: Stage, title: str) -> bool:
    return (stage.folder / "workers.log").read_text().count("Polling every") >= 2 * (TITLES.index(title) + 1)


def _judge(stage: Stage, title: str, due: float) -> None:
    first = min(line.at for line in stage.journal.accepted({title}))
    stage.notes.append(f"{title.lower()}: first letter {first - due:.1f} s after its time")
    if first < due:
        stage.broken.append(f"{title.lower()}: a letter left {due - first:.0f} s early")
    if first > due + LATEST:
        stage.broken.append(f"{title.lower()}: the first letter left {first - due:.0f} s late")
