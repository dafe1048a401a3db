"""The text of a message with its instants said; what people wrote and approved for a release stays exactly as it is."""

from collections.abc import Callable
from datetime import datetime

from notifications.rules.states import MessageKind
from notifications.rules.times import marked_in, with_instants
from notifications.transports.contract import MessageView


def body_of(message: MessageView, audience: str, say: Callable[[datetime], str]) -> str:
    """One audience's text, with `say` in place of every mark of an instant."""
    body: str = message.wording[audience]["body"]
    return body if message.kind == MessageKind.RELEASE else with_instants(body, say)


def instants_in(message: MessageView) -> list[datetime]:
    """Which instants that takes, in all its texts."""
    return [] if message.kind == MessageKind.RELEASE else marked_in(words["body"] for words in message.wording.values())
