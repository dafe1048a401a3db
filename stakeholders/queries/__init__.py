"""Reads of the register, the audiences, and whom they reach."""

from stakeholders.queries.audiences import (
    AudienceFacts,
    audience_facts,
    audience_keys,
    audience_names,
    audiences_bound_to,
    internal_audience_keys,
    outside_scope,
    owned_audiences,
    public_audience_key,
    scope_of,
    scopes,
    visible_audience,
    visible_audiences,
)
from stakeholders.queries.circles import REACHABLE
from stakeholders.queries.reach import address_of_user, members_of, reach_counts, reachable_contact_points
from stakeholders.queries.register import visible_stakeholder, visible_stakeholders

__all__ = [
    "REACHABLE",
    "AudienceFacts",
    "address_of_user",
    "audience_facts",
    "audience_keys",
    "audience_names",
    "audiences_bound_to",
    "internal_audience_keys",
    "members_of",
    "outside_scope",
    "owned_audiences",
    "public_audience_key",
    "reach_counts",
    "reachable_contact_points",
    "scope_of",
    "scopes",
    "visible_audience",
    "visible_audiences",
    "visible_stakeholder",
    "visible_stakeholders",
]
