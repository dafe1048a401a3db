"""Reads the projection: what is news, what is settled, and whether it still has to be shown."""

from statuspage.queries.projection import incident_records, publication_is_due, read_projection
from statuspage.queries.settled import SettledDrawer, read_settled, settled_drawer, settled_drawers

__all__ = [
    "SettledDrawer",
    "incident_records",
    "publication_is_due",
    "read_projection",
    "read_settled",
    "settled_drawer",
    "settled_drawers",
]
