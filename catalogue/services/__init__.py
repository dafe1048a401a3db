"""What is done to components and groups."""

from catalogue.services.components import create_component, create_group
from catalogue.services.status import follow_component_status, set_component_status

__all__ = ["create_component", "create_group", "follow_component_status", "set_component_status"]
