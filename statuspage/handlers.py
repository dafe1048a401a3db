"""What the page does when something happens below. `statuscomms.wiring` says when each is called."""

from approvals.events import HoldLifted, UpdateReleased
from catalogue.events import ComponentChanged
from core.tasks import nudge
from incidents.events import IncidentChanged
from incidents.models import Incident
from statuspage import services
from statuspage.tasks import publish


def project_release(event: UpdateReleased) -> None:
    """In the release's transaction: its public wording joins the projection."""
    services.project_release(release_id=event.release_id, now=event.at)


def project_incident_change(event: IncidentChanged) -> None:
    """In the change's transaction: an incident now restricted leaves the page, one no longer restricted returns."""
    if "restricted" not in event.fields:
        services.look_soon(incident_id=event.incident_id, now=event.at)
        return
    if Incident.objects.values_list("restricted", flat=True).get(pk=event.incident_id):
        services.withdraw_incident(incident_id=event.incident_id, now=event.at)
    else:
        services.restore_incident(incident_id=event.incident_id, now=event.at)


def look_on_hold_lifted(event: HoldLifted) -> None:
    """In the lifting's transaction: what it kept off the page is looked at with the next tick."""
    services.look_soon(incident_id=event.incident_id, now=event.at)


def project_component(event: ComponentChanged) -> None:
    """In the change's transaction: the component's public facts follow."""
    services.project_component(component_id=event.component_id, now=event.at)


def nudge_publisher(event: UpdateReleased | IncidentChanged | ComponentChanged) -> None:
    """After commit: a worker publishes now instead of at its next look."""
    nudge(publish)
