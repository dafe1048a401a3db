"""How many deliveries stand where, read from the counters: no row of a message is looked at."""

from collections.abc import Collection

from django.db.models import Sum

from notifications.models import MessageCounter


def counts_of(message_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """`{message: {state: number}}`, of states that occur."""
    found: dict[int, dict[str, int]] = {pk: {} for pk in message_ids}
    for message, by_channel in counts_by_channel(message_ids).items():
        for states in by_channel.values():
            for state, number in states.items():
                found[message][state] = found[message].get(state, 0) + number
    return found


def counts_by_channel(message_ids: Collection[int]) -> dict[int, dict[str, dict[str, int]]]:
    """`{message: {channel: {state: number}}}`, of states that occur."""
    found: dict[int, dict[str, dict[str, int]]] = {pk: {} for pk in message_ids}
    rows = MessageCounter.objects.filter(message__in=found).order_by().values_list("message", "channel", "state").annotate(n=Sum("count"))
    for message, channel, state, number in rows.values_list("message_id", "channel", "state", "n"):
        if number:
            found[message].setdefault(channel, {})[state] = number
    return found
