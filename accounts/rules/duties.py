"""What a person can be on duty for, and the permission that lets them act in it. A rota calls people in; it grants nothing."""

from enum import StrEnum

from accounts.rules.roles import Permission


class Duty(StrEnum):
    """A kind of decision for which somebody has to be reachable."""

    TECHNICAL = "technical"
    COMMUNICATIONS = "communications"
    LEGAL = "legal"
    PUBLIC_RELATIONS = "public_relations"
    ARBITER = "arbiter"
    OVERRIDE_HOLDER = "override_holder"
    MANAGER_ON_DUTY = "manager_on_duty"


# Whoever holds the permission may be asked, whether a rota names them or not.
PERMISSION_OF: dict[Duty, Permission] = {
    Duty.TECHNICAL: Permission.REVIEW_TECHNICAL,
    Duty.COMMUNICATIONS: Permission.REVIEW_COMMUNICATIONS,
    Duty.LEGAL: Permission.REVIEW_LEGAL,
    Duty.PUBLIC_RELATIONS: Permission.REVIEW_PUBLIC_RELATIONS,
    Duty.ARBITER: Permission.DISPUTE_RULE,
    Duty.OVERRIDE_HOLDER: Permission.RELEASE_OVERRIDE,
    Duty.MANAGER_ON_DUTY: Permission.ESCALATION_TAKE,
}

# The duties that give a review: practice rounds and training are about these.
REVIEWING = (Duty.TECHNICAL, Duty.COMMUNICATIONS, Duty.LEGAL, Duty.PUBLIC_RELATIONS)

IN_WORDS: dict[Duty, str] = {
    Duty.TECHNICAL: "technical review",
    Duty.COMMUNICATIONS: "communications review",
    Duty.LEGAL: "legal review",
    Duty.PUBLIC_RELATIONS: "public relations review",
    Duty.ARBITER: "ruling on disputes",
    Duty.OVERRIDE_HOLDER: "override",
    Duty.MANAGER_ON_DUTY: "manager on duty",
}
