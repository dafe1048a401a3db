"""The words of the register: kinds of stakeholder and of address, tiers, and how an address came in and stands."""

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
    """How an address is reached; the value is the name of the channel."""

    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"


# Addresses that are web addresses; whoever knows one may write to it, so pages and lists show them shortened.
WEB = frozenset({ContactKind.WEBHOOK, ContactKind.SLACK, ContactKind.TEAMS})


class Tier(StrEnum):
    """How much a customer account weighs; the empty string is none."""

    STRATEGIC = "strategic"
    KEY = "key"
    STANDARD = "standard"


class VerificationState(StrEnum):
    """Whether whoever reads an address has said that it is theirs."""

    UNNEEDED = "unneeded"
    """Somebody of ours answers for it."""
    PENDING = "pending"
    """Asked and not answered: nothing but the question is sent there."""
    VERIFIED = "verified"
    STALE = "stale"
    """Confirmed so long ago that it is asked again; still written to."""


class ConsentSource(StrEnum):
    """Where the reader's consent comes from."""

    OPERATOR = "operator"
    IMPORT = "import"
    API = "api"
    FORM = "form"
    STAFF = "staff"


class SuppressionKind(StrEnum):
    """Why nothing is sent to an address."""

    BOUNCE = "bounce"
    """It does not work."""
    COMPLAINT = "complaint"
    """Its reader called the mail unwanted."""
    STOP = "stop"
    """Its reader asked for no more, for instance by STOP (SMS)."""
    OPERATOR = "operator"
    UNCONFIRMED = "unconfirmed"
    """Its reader did not confirm it again."""


# What the reader said: nobody but the reader takes it back.
BY_READER = frozenset({SuppressionKind.STOP, SuppressionKind.COMPLAINT})
# What is true of the address, and so of every entry that has it; the others concern one entry.
FOR_ADDRESS = BY_READER | {SuppressionKind.BOUNCE}
