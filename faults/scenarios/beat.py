"""Two hours without anybody to keep time: no beat and no worker. What fell due meanwhile goes out once when workers are back, without beat.

Two hours are not waited for: the rows that wait are set back by two hours in the database instead.
"""

from django.db import connection

from faults.account import Account
from faults.stage import Stage
from notifications.models import DeliveryRun, Message

SEED = 20261110
ROWS, SHORT = 50_000, 400
_BACK = (
    "UPDATE notifications_message SET created_at = created_at - interval '2 hours', expires_at = expires_at - interval '2 hours'",
    "UPDATE notifications_deliveryrun SET due_at = due_at - interval '2 hours'",
)


def play(stage: Stage) -> Account:
    """No beat runs in this scenario at all: the workers' own clockwork does its work, the broker or not."""
    stage.release("Two hours late")
    with connection.cursor() as cursor:
        for statement in _BACK:
            cursor.execute(statement)
    stage.hurt()
    with stage.mail(), stage.workers():
        stage.until_finished()
        stage.notes.append("no beat before, while or after")
    if DeliveryRun.objects.filter(message__in=Message.objects.filter(pk__in=stage.messages)).exists():
        stage.broken.append("runs are left over")
    return stage.account()
