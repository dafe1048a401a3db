"""An old backup restored over a database that went on: it holds letters as waiting that went out since, and must send none of them."""

import time

from faults import theatre
from faults.account import Account
from faults.stage import Stage
from notifications.models import DeliveryRun, Installation

SEED = 20261114
ROWS, SHORT = 20_000, 600
WATCHED = 8.0
# The file beside the database follows what was sent within two seconds.
FILE_FOLLOWS = 5.0


def play(stage: Stage) -> Account:
    """The backup is a copy made at a quarter, with no worker running; the file beside the database is not in it. Nobody arms it."""
    stage.release("Restored")
    stage.environment |= {"INSTALLATION_FILE": str(stage.folder / "installation"), "DJANGO_SETTINGS_MODULE": "faults.settings"}
    with stage.mail():
        with stage.workers():
            stage.until_heard(stage.rows // 4)
        theatre.copy("faults_backup")
        with stage.workers():
            stage.until_finished()
            time.sleep(FILE_FOLLOWS)
        stage.count_ambiguous()
        theatre.restore("faults_backup")
        waiting = DeliveryRun.objects.count()
        stage.hurt()
        before = len(stage.journal.accepted(stage.titles))
        with stage.workers():
            stage.until(lambda: Installation.objects.filter(disarmed_at__isnull=False).exists(), "the guard")
            stage.ended = time.monotonic()
            time.sleep(WATCHED)
    sent = len(stage.journal.accepted(stage.titles)) - before
    if sent:
        stage.broken.append(f"{sent} letters left a restored database that nobody had armed")
    if not waiting:
        stage.broken.append("the backup held nothing that waits")
    stage.notes.append(f"disarmed because {Installation.objects.get().disarmed_reason}")
    return stage.account()
