"""Messages, deliveries, their attempts and runs, what providers say afterwards, pauses of a channel, its providers."""

from notifications.models.attempt import AttemptOutcome, DeliveryAttempt
from notifications.models.callback import DeliveryCallback
from notifications.models.delivery import Delivery
from notifications.models.message import Message
from notifications.models.pause import ChannelPause
from notifications.models.provider import ChannelProof, ChannelProvider, ProviderEvent, WebhookKey
from notifications.models.run import DeliveryFailure, DeliveryRun, MessageCounter, PlanStep

__all__ = [
    "AttemptOutcome",
    "ChannelPause",
    "ChannelProof",
    "ChannelProvider",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryCallback",
    "DeliveryFailure",
    "DeliveryRun",
    "Message",
    "MessageCounter",
    "PlanStep",
    "ProviderEvent",
    "WebhookKey",
]
