"""Planning, claiming, sending, sweeping and closing of deliveries; pausing, cancelling and sending again; unsubscribing."""

from notifications.services.cancel_message import cancel_message
from notifications.services.pause_message import pause_message, resume_message
from notifications.services.send import claim_and_send, deliver_for
from notifications.services.send_again import send_again, send_one_again, try_now
from notifications.services.stopping import resume_stopped
from notifications.services.sweep import sweep

__all__ = [
    "cancel_message",
    "claim_and_send",
    "deliver_for",
    "pause_message",
    "resume_message",
    "resume_stopped",
    "send_again",
    "send_one_again",
    "sweep",
    "try_now",
]
