"""What incidents do when something happens below. `statuscomms.wiring` says when each is called."""

from catalogue.events import ComponentChanged
from catalogue.models import Component
from incidents.services.reconsider import reconsider_all, reconsider_component, reconsider_depended_on
from policies.events import PolicyActivated
from policies.models import PolicyVersion
from stakeholders.events import AudienceScopeChanged
from stakeholders.models import Audience


def decide_on_component_changed(event: ComponentChanged) -> None:
    """In the change's transaction: the policy reads the scope, and the scope follows the component."""
    if event.old_status != event.new_status:
        name = Component.objects.values_list("name", flat=True).get(pk=event.component_id)
        reconsider_component(component_id=event.component_id, name=name, new_status=event.new_status, now=event.at)


def decide_on_audience_scope_changed(event: AudienceScopeChanged) -> None:
    """In the change's transaction: the policy reads which audiences depend on what the incident affects."""
    name = Audience.objects.values_list("name", flat=True).get(pk=event.audience_id)
    reconsider_depended_on(components=event.components, audience=name, now=event.at)


def decide_on_policy_activated(event: PolicyActivated) -> None:
    """In the activation's transaction: every open incident is decided by the version now in force."""
    reconsider_all(now=event.at, number=PolicyVersion.objects.values_list("number", flat=True).get(pk=event.version_id))
