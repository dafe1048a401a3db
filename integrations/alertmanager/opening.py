"""Opening an incident from alerts, by the mapping."""

from collections.abc import Sequence
from datetime import datetime

from accounts.actors import Actor
from catalogue.models import Component
from incidents.models import Incident
from incidents.services import open_incident
from incidents.services.timeline import note
from integrations.alertmanager.payload import Alert
from integrations.alertmanager.wording import title_of
from integrations.queries import mapping_for
from integrations.rules.sources import Source


def open_from(alerts: Sequence[Alert], *, actor: Actor, now: datetime) -> Incident:
    """The most severe of the mapped alerts gives the facts; components are those that the alerts name and we know."""
    mapping = mapping_for(Source.ALERTMANAGER)
    facts = min((mapping.apply(alert.labels) for alert in alerts), key=lambda facts: facts.severity)
    named = sorted({name for alert in alerts if (name := alert.labels.get(mapping.component_label))})
    components = list(Component.objects.filter(key__in=named))
    incident = open_incident(
        actor=actor,
        now=now,
        title=title_of(alerts),
        severity=facts.severity,
        impact=facts.impact,
        stage=facts.stage,
        category=facts.category,
        customer_facing=facts.customer_facing,
        tags=facts.tags,
        components=components,
    )
    for name in sorted(set(named) - {component.key for component in components}):
        text = f"No component has the key “{name}”, which the label {mapping.component_label} names."
        note(incident, actor=actor, now=now, kind="mapping", text=text)
    return incident
