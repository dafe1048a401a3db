"""Which way each audience of an update is told, and whom that reaches. What planning does and what pages show is the same."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from incidents.models import Incident
from incidents.queries import current_decision, decision_value
from incidents.rules.content import Content
from notifications.models import ChannelProvider, Message, RoutingRule
from notifications.rules.routing import Route, Way, as_json, read_steps, route, usable
from policies.rules.urgency import Urgency
from stakeholders.models import Audience, ContactPoint
from stakeholders.queries import public_audience_key
from stakeholders.queries.circles import Circle
from stakeholders.queries.routed import first_reachable
from stakeholders.rules.reading_filters import read_filter


def matrix() -> list[Route]:
    """The routing matrix in force."""
    rows = RoutingRule.objects.values_list("urgency", "audience__key", "channels")
    return [Route(urgency, audience, read_steps(channels)) for urgency, audience, channels in rows]


def carried_channels() -> frozenset[str]:
    """The channels to people that some provider carries now."""
    return frozenset(ChannelProvider.objects.filter(enabled=True).values_list("channel", flat=True))


def urgency_of_incident(incident: Incident) -> Urgency:
    """How urgent the policy says it is that people hear of the incident."""
    return decision_value(current_decision(incident)).urgency or Urgency.NORMAL


def ways_of(incident: Incident, content: Content) -> dict[str, Way]:
    """The way of each audience of the content, by its key, were it released now.

    The urgency is the policy's; of the matrix's channels those are used that the content names (which is what its reviewers approved),
    that the policy does not forbid, and that some provider carries.
    """
    decision = decision_value(current_decision(incident))
    rules, carried = matrix(), carried_channels()
    public = public_audience_key()
    ways = {}
    for key in content.audiences:
        steps = route(decision.urgency or Urgency.NORMAL, key, rules)
        # The page shows the words of one audience alone.
        fitting = [step for step in steps if key == public or not step.channel.startswith("page:")]
        ways[key] = usable(fitting, approved=content.channels, forbidden=decision.forbidden_channels, carried=carried)
    return ways


def recipients(circle: Circle, kinds: Sequence[str], channel: str) -> "QuerySet[ContactPoint]":
    """Addresses of the circle that are told by `channel`: of everybody whom no channel before it in `kinds` reaches.

    Unordered, without a join on the outside: the source of an `INSERT … SELECT`.
    """
    return first_reachable(circle, kinds, channel) if channel in kinds else ContactPoint.objects.none()


def frozen(audiences: Iterable[Audience], ways: Mapping[str, Way]) -> dict[str, Any]:
    """What a message keeps of its plan, by audience: `{"routes": {key: [{"channel", "fallback_after_minutes"}]}, "filters": {key: …}}`.

    Pieces that are planned later, and what falls back, follow it.
    """
    listed = list(audiences)
    return {
        "routes": {audience.key: as_json(ways[audience.key].steps) for audience in listed},
        "filters": {audience.key: audience.filter for audience in listed},
    }


def circle_of(message: Message, audience: Audience) -> Circle:
    """The audience by its filter as it was when the message was released; its list is that of now."""
    written = message.plan.get("filters", {}).get(audience.key)
    return Circle(audience, None if written is None else read_filter(written))


def kinds_of(message: Message, audience: Audience) -> list[str]:
    """The channels by which the message's plan tells the audience, in their order."""
    return [step["channel"] for step in message.plan.get("routes", {}).get(audience.key, [])]


def planned_recipients(message: Message, audience: Audience, channel: str) -> "QuerySet[ContactPoint]":
    """Of the audience, whom the message's plan tells by `channel`: by route and filter as they were when it was released."""
    return recipients(circle_of(message, audience), kinds_of(message, audience), channel)
