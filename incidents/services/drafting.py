"""The first words of an update: from the template of each audience, filled with what is known."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from catalogue.rules.status import ComponentStatus
from incidents.models import Incident
from incidents.queries import current_decision, decision_value, outside_scope_of
from incidents.rules.component_states import proposed
from incidents.rules.content import ComponentState, Content
from incidents.rules.content_check import CHANNELS
from incidents.rules.content_edit import Variant, wording_of
from incidents.rules.variables import values_for
from incidents.rules.words import Impact, Stage, Status
from policies.rules.decision import Decision, Outcome
from stakeholders.queries import audience_keys, internal_audience_keys, public_audience_key
from templates.queries import template_for
from templates.rules.render import placeholders, render

# Where no template serves, the gaps are marked as a template's would be.
NO_TEMPLATE = ("{{ title }}", "{{ text }}")
TITLE = "incident_title"


def audiences_for(incident: Incident) -> tuple[str, ...]:
    """Whom the policy means, less the audiences bound to other things; may be nobody."""
    return audiences_of(incident, decision_value(current_decision(incident)))


def audiences_of(incident: Incident, decision: Decision) -> tuple[str, ...]:
    """The same of a decision that is at hand."""
    named = decision.audiences or _audiences_without_policy(incident, decision)
    outside = outside_scope_of(incident, named)
    return tuple(key for key in named if key not in outside)


def policy_minutes(incident: Incident, status: str, audiences: Iterable[str], now: datetime) -> int | None:
    """What the policy in force asks for until the next update: the strictest of the audiences' cadences, or the long-incident mode's."""
    return minutes_asked(decision_value(current_decision(incident)), incident, status, audiences, now)


def minutes_asked(decision: Decision, incident: Incident, status: str, audiences: Iterable[str], now: datetime) -> int | None:
    """The same of a decision that is at hand."""
    if status == Status.RESOLVED or decision.outcome is Outcome.NONE:
        return None
    return decision.minutes_until_next(
        status, audiences=audiences, elapsed_minutes=max(0, (now - incident.opened_at) // timedelta(minutes=1))
    )


def first_content(incident: Incident, status: Status, now: datetime, *, late_for: Collection[str] = ()) -> Content:
    """Facts from the incident, wording from the templates, the promise from the policy's cadence.

    `late_for` are those who are told late that it is over, and nobody but them: that changes no component.
    """
    decision = decision_value(current_decision(incident))
    audiences = tuple(sorted(late_for)) or audiences_for(incident)
    minutes = policy_minutes(incident, status, audiences, now)
    return Content(
        status=status,
        impact=incident.impact,
        components=tuple(
            ComponentState(
                component.public_id,
                component.status
                if late_for
                else proposed(status=status, impact=Impact(incident.impact), shown=ComponentStatus(component.status)),
            )
            for component in incident.components.all()
        ),
        wording=wording_of(template_words(incident, status, audiences, minutes)),
        channels=tuple(sorted(CHANNELS - set(decision.forbidden_channels))),
        audiences=tuple(sorted(audiences)),
        next_update_minutes=minutes,
    )


def template_words(incident: Incident, status: Status, audiences: Iterable[str], minutes: int | None) -> list[Variant]:
    """What the templates say to each of these audiences, word following within so many minutes."""
    required = decision_value(current_decision(incident)).required_templates
    return [_variant(incident, status, audience, minutes, required.get(audience, "")) for audience in audiences]


def renders_title(incident: Incident, status: Status, audiences: Iterable[str]) -> bool:
    """Whether the template that serves one of these audiences is filled in with the incident's title: only colleagues read that."""
    required, internal = decision_value(current_decision(incident)).required_templates, internal_audience_keys()
    found = (
        template_for(incident.category, status, audience, incident.tags, required=required.get(audience, ""))
        for audience in audiences
        if audience in internal
    )
    return any(TITLE in {*placeholders(version.title), *placeholders(version.body)} for version in found if version)


def _audiences_without_policy(incident: Incident, decision: Decision) -> tuple[str, ...]:
    """Everyone, but never the public for what is internal or merely watched."""
    speaks_publicly = incident.customer_facing and (incident.stage == Stage.CONFIRMED or decision.publishes_watching)
    return tuple(key for key in audience_keys() if speaks_publicly or key != public_audience_key())


def _variant(incident: Incident, status: Status, audience: str, minutes: int | None, required: str) -> Variant:
    internal = audience in internal_audience_keys()
    shown = incident.components.all() if internal else incident.components.filter(is_public=True)
    values = values_for(
        internal=internal,
        title=incident.title,
        severity=incident.severity,
        status=status,
        category=incident.category,
        impact=Impact(incident.impact),
        started_at=incident.opened_at,
        component_names=[component.name for component in shown],
        next_update_minutes=minutes,
    )
    version = template_for(incident.category, status, audience, incident.tags, required=required)
    title, body = (version.title, version.body) if version else NO_TEMPLATE
    return Variant(audience, render(title, values).text[:200], render(body, values).text)
