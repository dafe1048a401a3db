"""Messages, deliveries, their attempts and runs, what providers say afterwards, providers and how they stand, and the routing."""

from notifications.models.attempt import AttemptOutcome, DeliveryAttempt
from notifications.models.callback import DeliveryCallback
from notifications.models.counter import CauseCounter, DeliveryFailure, MessageCounter, MessagePace
from notifications.models.delivery import Delivery
from notifications.models.fallback import FallbackStep
from notifications.models.installation import Installation
from notifications.models.message import Message
from notifications.models.provider import ChannelProof, ChannelProvider, ProviderEvent, WebhookKey
from notifications.models.provider_state import ProviderState
from notifications.models.routing import RoutingRule
from notifications.models.run import DeliveryRun, PlanStep
from notifications.models.window import WindowAttempt, WindowOutcome

__all__ = [
    "AttemptOutcome",
    "CauseCounter",
    "ChannelProof",
    "ChannelProvider",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryCallback",
    "DeliveryFailure",
    "DeliveryRun",
    "FallbackStep",
    "Installation",
    "Message",
    "MessageCounter",
    "MessagePace",
    "PlanStep",
    "ProviderEvent",
    "ProviderState",
    "RoutingRule",
    "WebhookKey",
    "WindowAttempt",
    "WindowOutcome",
]
