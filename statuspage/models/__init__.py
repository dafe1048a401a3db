"""The public projection: these tables hold what is public and nothing else; the page is made from them alone."""

from statuspage.models.component import PublicComponent, PublicGroup
from statuspage.models.incident import AffectedComponent, PublicIncident, PublicUpdate
from statuspage.models.page import KeptBack, PageChange, PageState

__all__ = [
    "AffectedComponent",
    "KeptBack",
    "PageChange",
    "PageState",
    "PublicComponent",
    "PublicGroup",
    "PublicIncident",
    "PublicUpdate",
]
