"""Whom a correction has to reach, and what of the wrong words is not sent any more."""

from collections.abc import Collection

from django.db.models.functions import Now

from incidents.models import Update
from notifications.models import Delivery
from notifications.queries import who_may_have_got
from notifications.rules.states import WAITING, DeliveryState
from notifications.services.plan_rows import Recipient


def who_got(update: Update, *, audiences: Collection[str]) -> list[Recipient]:
    """Everyone who got, or may have got, the released `update`, each in the audience whose words they read.

    `audiences` are those that the correction has words for.
    """
    rows = who_may_have_got(update, audiences=audiences).order_by("id").values_list("contact_point_id", "user_id", "audience_id", "lane")
    return [Recipient(*row) for row in rows]


def supersede_unsent(update: Update) -> int:
    """Ends every delivery of the released `update` that no worker holds, in the correction's transaction; returns how many."""
    waiting = Delivery.objects.filter(message__release__update_of=update, state__in=sorted(WAITING))
    return waiting.update(state=DeliveryState.SUPERSEDED, reason="a correction was released", closed_at=Now())
