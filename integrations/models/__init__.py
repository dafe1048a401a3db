"""Tokens of inbound hooks, what came in through them, and how it is mapped."""

from integrations.models.alerts import AlertEpisode, AlertGroup
from integrations.models.hook_token import HookToken
from integrations.models.inbound_event import InboundEvent
from integrations.models.mapping import EventMapping

__all__ = ["AlertEpisode", "AlertGroup", "EventMapping", "HookToken", "InboundEvent"]
