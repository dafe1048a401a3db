"""Endpoints that answer 429 with Retry-After, 500, nothing at all, a byte a second or eight megabytes, or break off before or after.

By signed webhooks, whose promise is the strongest: at least once, and one effect where the receiver tells a repeat by `webhook-id`.
"""

from django.db import transaction

from core.clock import utc_now
from faults.account import Account
from faults.provider import provider
from faults.stage import Stage
from notifications.rules.states import Lane, MessageKind
from notifications.services.plan_rows import Recipient, insert_deliveries
from stakeholders.models import Audience, ContactPoint, Stakeholder

SEED = 20261107
ROWS, SHORT = 20_000, 300
_FAULTS = ("throttled", "500", "drop_before", "drop_after", "slow", "trickle", "huge")
# The standard's own waits are 5 s, 5 min, 30 min and more.
WAITS = "0.5 1 2 4 8 16"


def play(stage: Stage) -> Account:
    """Each fault meets one request in two hundred."""
    each, of = max(3, stage.rows // 200), stage.rows * 9 // 10
    with provider(stage.folder / "journal", seed=stage.seed, faults=[f"{fault}={each}/{of}" for fault in _FAULTS]) as port:
        title, names = "Endpoints fail", [f"reader{number}" for number in range(len(stage.addresses))]
        addresses = _endpoints(names, port)
        message = stage.release(title, addresses=[])
        customers = Audience.objects.get(key="customers").pk
        recipients = [Recipient(pk, None, customers, Lane.SUBSCRIBERS) for pk in addresses]
        with transaction.atomic():
            insert_deliveries(message, recipients, purpose=MessageKind.RELEASE, channel="webhook")
        stage.meant = {(title, name) for name in names}
        stage.hurt()
        with stage.workers(FAULT_HOOK_WAITS=WAITS):
            stage.until_finished()
        keys = {line.letter: line.key for line in stage.journal.accepted({title})}
        if any(keys[line.letter] != line.key for line in stage.journal.accepted({title})):
            stage.broken.append("a repeat came under another webhook-id")
    stage.notes.append(f"{each} each of {', '.join(_FAULTS)}; waits of {WAITS} s instead of the product's")
    return stage.account()


def _endpoints(names: list[str], port: int) -> list[int]:
    """Every subscriber has an endpoint instead of an e-mail address."""
    ContactPoint.objects.filter(kind="email", stakeholder__kind="customer").update(
        suppressed_at=utc_now(), suppression_kind="operator", suppression_reason="told by its endpoint"
    )
    people = Stakeholder.objects.filter(kind="customer").order_by("id")
    made = ContactPoint.objects.bulk_create(
        [
            ContactPoint(stakeholder=person, kind="webhook", address=f"http://127.0.0.1:{port}/hook/{name}", created_at=utc_now())
            for person, name in zip(people, names, strict=True)
        ],
        batch_size=2000,
    )
    return [point.pk for point in made]
