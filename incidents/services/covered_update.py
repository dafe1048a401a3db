"""An update whose words were approved ahead: no draft, no review of its own. What it says is decided by the room above."""

from collections.abc import Mapping
from datetime import datetime

from accounts.actors import Actor
from audit.services import unit_of_work
from catalogue.rules.status import ComponentStatus
from incidents.models import Incident, Update
from incidents.queries import current_decision, decision_value
from incidents.rules.content import ComponentState, Content, Wording
from incidents.rules.content_check import CHANNELS
from incidents.rules.variables import holding_values
from incidents.rules.words import UpdateState
from incidents.services.revising import add_revision, require_storable
from stakeholders.queries import internal_audience_keys


def covered_values(incident: Incident, audience: str, *, now: datetime, minutes: int | None) -> dict[str, str]:
    """The values of a holding statement's variables for one audience: only colleagues read names that are not public."""
    shown = incident.components.all() if audience in internal_audience_keys() else incident.components.filter(is_public=True)
    names = [component.name for component in shown]
    return holding_values(started_at=incident.opened_at, now=now, component_names=names, next_update_minutes=minutes)


def covered_content(incident: Incident, wording: Mapping[str, Mapping[str, Wording]], *, minutes: int | None) -> Content:
    """Content that says these words and nothing new besides: status, impact and components stay as they are shown now."""
    decision = decision_value(current_decision(incident))
    return Content(
        status=incident.status,
        impact=incident.impact,
        components=tuple(ComponentState(component.public_id, ComponentStatus(component.status)) for component in incident.components.all()),
        wording={audience: dict(by_language) for audience, by_language in wording.items()},
        audiences=tuple(sorted(wording)),
        channels=tuple(sorted(CHANNELS - set(decision.forbidden_channels))),
        next_update_minutes=minutes,
    )


def start_covered_update(*, actor: Actor, now: datetime, incident: Incident, content: Content) -> Update:
    """An update that begins approved, because its exact words were approved ahead; the caller lets it out at once.

    The caller holds the incident's lock and has checked who may. Raises `InvalidInput` for content that cannot be stored.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        require_storable(content)
        update = Update.objects.create(incident=incident, state=UpdateState.APPROVED, created_by=actor.ref, created_at=now)
        work.record(
            "update.started",
            subject=f"update:{update.public_id}",
            body={"incident": incident.public_id, "status": content.status, "from_template": False, "from_holding_statement": True},
        )
        add_revision(work, actor=actor, update=update, content=content)
        return update
