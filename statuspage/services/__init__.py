"""What is done to the public page: the projection follows what happens below, the publisher shows it."""

from statuspage.services.project_component import project_component
from statuspage.services.project_incident import project_release, stamp, withdraw_incident
from statuspage.services.publish_snapshot import Publication, publish_if_needed, publish_snapshot
from statuspage.services.restore_incident import look_soon, restore_incident, restore_kept_back

__all__ = [
    "Publication",
    "look_soon",
    "project_component",
    "project_release",
    "publish_if_needed",
    "publish_snapshot",
    "restore_incident",
    "restore_kept_back",
    "stamp",
    "withdraw_incident",
]
