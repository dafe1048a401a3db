"""Kinds of stakeholder and of address."""

from enum import StrEnum


class StakeholderKind(StrEnum):
    """Who a stakeholder is. Persons and teams are colleagues; everybody else is outside the house."""

    PERSON = "person"
    TEAM = "team"
    ORGANISATION = "organisation"
    REGULATOR = "regulator"
    CUSTOMER = "customer"


# Who may be told what stays inside. In the database too: stakeholders/migrations/0004_internal_means_colleagues.py.
INSIDE = frozenset({StakeholderKind.PERSON, StakeholderKind.TEAM})


class ContactKind(StrEnum):
    """How an address is reached."""

    EMAIL = "email"
