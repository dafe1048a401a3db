"""Kinds of entry and of address as people read them."""

from stakeholders.rules.kinds import ContactKind, StakeholderKind

KIND_WORDS = {
    StakeholderKind.CUSTOMER: "Customer account",
    StakeholderKind.ORGANISATION: "Organisation",
    StakeholderKind.REGULATOR: "Regulator",
    StakeholderKind.PERSON: "Person (a colleague)",
    StakeholderKind.TEAM: "Team (of colleagues)",
}
CONTACT_WORDS = {
    ContactKind.EMAIL: "E-mail address",
    ContactKind.SMS: "Telephone, by SMS",
    ContactKind.WEBHOOK: "Webhook",
    ContactKind.SLACK: "Slack incoming webhook",
    ContactKind.TEAMS: "Teams incoming webhook",
}
