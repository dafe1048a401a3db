"""Keys as the names that people gave."""

from stakeholders.queries import audience_names

__all__ = ["audience_names"]
