"""Planning, claiming, sending, sweeping and closing of deliveries; unsubscribing."""

from notifications.services.send import claim_and_send, deliver_for
from notifications.services.stopping import resume_stopped
from notifications.services.sweep import sweep

__all__ = ["claim_and_send", "deliver_for", "resume_stopped", "sweep"]
