"""Roles and what each may do. Object visibility is another matter: see `Incident.objects.visible_to`."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is trusted with."""

    RESPONDER = "responder"
    COMMANDER = "incident_commander"
    TECHNICAL_LEAD = "technical_lead"
    COMMS_REVIEWER = "comms_reviewer"
    LEGAL = "legal"
    PUBLIC_RELATIONS = "public_relations"
    ARBITER = "arbiter"
    OVERRIDE_HOLDER = "override_holder"
    MANAGER = "manager"
    CUSTOMER_SUCCESS = "customer_success"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """An act that a service asks for by name."""

    INCIDENT_READ = "incident.read"
    INCIDENT_WRITE = "incident.write"
    INCIDENT_RESTRICT = "incident.restrict"
    INCIDENT_UNFLAG = "incident.unflag"
    UPDATE_WRITE = "update.write"
    REVIEW_TECHNICAL = "review.technical"
    REVIEW_COMMUNICATIONS = "review.communications"
    REVIEW_LEGAL = "review.legal"
    REVIEW_PUBLIC_RELATIONS = "review.public_relations"
    DISPUTE_RULE = "dispute.rule"
    UPDATE_RELEASE = "update.release"
    RELEASE_OVERRIDE = "release.override"
    RELEASE_RATIFY = "release.ratify"
    RELEASE_HOLD = "release.hold"
    CATALOGUE_READ = "catalogue.read"
    CATALOGUE_WRITE = "catalogue.write"
    STAKEHOLDER_READ = "stakeholder.read"
    STAKEHOLDER_WRITE = "stakeholder.write"
    TEMPLATE_READ = "template.read"
    TEMPLATE_WRITE = "template.write"
    HOLDING_WRITE = "holding.write"
    SCREENING_WRITE = "screening.write"
    POLICY_READ = "policy.read"
    POLICY_WRITE = "policy.write"
    POLICY_ACTIVATE = "policy.activate"
    MAPPING_WRITE = "mapping.write"
    ROSTER_READ = "roster.read"
    ROSTER_WRITE = "roster.write"
    TRAINING_WRITE = "training.write"
    ESCALATION_TAKE = "escalation.take"
    ESCALATION_START = "escalation.start"
    DRILL_RUN = "drill.run"
    DRILL_OUTSIDE = "drill.outside"
    AUDIT_READ = "audit.read"
    CHANNEL_READ = "channel.read"
    CHANNEL_WRITE = "channel.write"
    ROUTING_WRITE = "routing.write"
    ADMINISTER = "administer"


_READ = frozenset(
    {
        Permission.INCIDENT_READ,
        Permission.CATALOGUE_READ,
        Permission.TEMPLATE_READ,
        Permission.POLICY_READ,
        Permission.ROSTER_READ,
    }
)
# Who judges wording has to know who reads it.
_JUDGE = _READ | {Permission.STAKEHOLDER_READ}
_DRAFT = _JUDGE | {Permission.INCIDENT_WRITE, Permission.UPDATE_WRITE, Permission.CATALOGUE_WRITE, Permission.ESCALATION_START}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.RESPONDER: _READ | {Permission.INCIDENT_WRITE, Permission.UPDATE_WRITE},
    Role.COMMANDER: _DRAFT
    | {
        Permission.UPDATE_RELEASE,
        Permission.RELEASE_RATIFY,
        Permission.RELEASE_HOLD,
        Permission.INCIDENT_RESTRICT,
        Permission.POLICY_WRITE,
        Permission.POLICY_ACTIVATE,
        Permission.HOLDING_WRITE,
        Permission.ROSTER_WRITE,
        Permission.MAPPING_WRITE,
        Permission.ROUTING_WRITE,
        Permission.DRILL_RUN,
    },
    Role.TECHNICAL_LEAD: _DRAFT | {Permission.REVIEW_TECHNICAL},
    Role.COMMS_REVIEWER: _DRAFT
    | {
        Permission.REVIEW_COMMUNICATIONS,
        Permission.TEMPLATE_WRITE,
        Permission.HOLDING_WRITE,
        Permission.SCREENING_WRITE,
        Permission.STAKEHOLDER_WRITE,
        Permission.ROUTING_WRITE,
        Permission.DRILL_RUN,
    },
    Role.LEGAL: _JUDGE
    | {
        Permission.REVIEW_LEGAL,
        Permission.INCIDENT_UNFLAG,
        Permission.RELEASE_RATIFY,
        Permission.RELEASE_HOLD,
        Permission.SCREENING_WRITE,
    },
    Role.PUBLIC_RELATIONS: _JUDGE | {Permission.REVIEW_PUBLIC_RELATIONS, Permission.RELEASE_HOLD, Permission.HOLDING_WRITE},
    # Rewords only by a ruling: the service asks for DISPUTE_RULE, not for the writing of updates.
    Role.ARBITER: _JUDGE | {Permission.DISPUTE_RULE},
    Role.OVERRIDE_HOLDER: _JUDGE | {Permission.RELEASE_OVERRIDE, Permission.RELEASE_RATIFY},
    # Is called when nobody else answers, and calls somebody in.
    Role.MANAGER: _JUDGE
    | {
        Permission.ESCALATION_TAKE,
        Permission.ESCALATION_START,
        Permission.DRILL_RUN,
        Permission.DRILL_OUTSIDE,
        Permission.ROSTER_WRITE,
    },
    Role.CUSTOMER_SUCCESS: _READ | {Permission.STAKEHOLDER_READ},
    Role.AUDITOR: _READ | {Permission.STAKEHOLDER_READ, Permission.AUDIT_READ, Permission.CHANNEL_READ},
    # Runs the system; neither approves nor releases wording.
    Role.ADMINISTRATOR: _DRAFT
    | {
        Permission.INCIDENT_RESTRICT,
        Permission.RELEASE_HOLD,
        Permission.STAKEHOLDER_WRITE,
        Permission.TEMPLATE_WRITE,
        Permission.SCREENING_WRITE,
        Permission.POLICY_WRITE,
        Permission.POLICY_ACTIVATE,
        Permission.ROSTER_WRITE,
        Permission.TRAINING_WRITE,
        Permission.MAPPING_WRITE,
        Permission.AUDIT_READ,
        Permission.CHANNEL_READ,
        Permission.CHANNEL_WRITE,
        Permission.ROUTING_WRITE,
        Permission.DRILL_RUN,
        Permission.DRILL_OUTSIDE,
        Permission.ADMINISTER,
    },
}


def roles_with(*permissions: Permission) -> list[Role]:
    """The roles that allow any of these, as they are listed above."""
    return [role for role in Role if PERMISSIONS[role].intersection(permissions)]


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that any of the roles allows."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
