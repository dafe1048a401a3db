"""Who is served first."""

from notifications.rules.states import Lane

TAKES_THE_REST = frozenset({Lane.SUBSCRIBERS, Lane.INTERNAL})
"""In these an audience's last pass goes: over everybody who is in no lane before."""


def lanes_of(audience_is_internal: bool) -> tuple[Lane, ...]:
    """The lanes that an audience's people are in: regulators first, key accounts next, internal bulk last."""
    return (Lane.FIRST, Lane.INTERNAL) if audience_is_internal else (Lane.FIRST, Lane.KEY_ACCOUNTS, Lane.SUBSCRIBERS)
