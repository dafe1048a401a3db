"""Kinds of stakeholder and of address."""

from enum import StrEnum


class StakeholderKind(StrEnum):
    """Who a stakeholder is."""

    PERSON = "person"
    TEAM = "team"
    ORGANISATION = "organisation"
    REGULATOR = "regulator"
    CUSTOMER = "customer"


class ContactKind(StrEnum):
    """How an address is reached."""

    EMAIL = "email"
