"""Messages, deliveries, attempts with their outcomes, pauses of a channel."""

from notifications.models.attempt import AttemptOutcome, DeliveryAttempt
from notifications.models.delivery import Delivery
from notifications.models.message import Message
from notifications.models.pause import ChannelPause

__all__ = ["AttemptOutcome", "ChannelPause", "Delivery", "DeliveryAttempt", "Message"]
