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
    CUSTOMER_SUCCESS = "customer_success"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """An act that a service asks for by name."""

    INCIDENT_READ = "incident.read"
    INCIDENT_WRITE = "incident.write"
    INCIDENT_RESTRICT = "incident.restrict"
    UPDATE_WRITE = "update.write"
    REVIEW_TECHNICAL = "review.technical"
    REVIEW_COMMUNICATIONS = "review.communications"
    UPDATE_RELEASE = "update.release"
    CATALOGUE_READ = "catalogue.read"
    CATALOGUE_WRITE = "catalogue.write"
    STAKEHOLDER_READ = "stakeholder.read"
    STAKEHOLDER_WRITE = "stakeholder.write"
    TEMPLATE_READ = "template.read"
    TEMPLATE_WRITE = "template.write"
    POLICY_READ = "policy.read"
    POLICY_ACTIVATE = "policy.activate"
    MAPPING_WRITE = "mapping.write"
    AUDIT_READ = "audit.read"
    ADMINISTER = "administer"


_READ = frozenset({Permission.INCIDENT_READ, Permission.CATALOGUE_READ, Permission.TEMPLATE_READ, Permission.POLICY_READ})
_DRAFT = _READ | {Permission.INCIDENT_WRITE, Permission.UPDATE_WRITE, Permission.CATALOGUE_WRITE, Permission.STAKEHOLDER_READ}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.RESPONDER: _READ | {Permission.INCIDENT_WRITE, Permission.UPDATE_WRITE},
    Role.COMMANDER: _DRAFT | {Permission.UPDATE_RELEASE, Permission.INCIDENT_RESTRICT, Permission.MAPPING_WRITE},
    Role.TECHNICAL_LEAD: _DRAFT | {Permission.REVIEW_TECHNICAL},
    Role.COMMS_REVIEWER: _DRAFT | {Permission.REVIEW_COMMUNICATIONS, Permission.TEMPLATE_WRITE, Permission.STAKEHOLDER_WRITE},
    Role.LEGAL: _READ,
    Role.PUBLIC_RELATIONS: _READ,
    Role.ARBITER: _READ,
    Role.OVERRIDE_HOLDER: _READ,
    Role.CUSTOMER_SUCCESS: _READ | {Permission.STAKEHOLDER_READ},
    Role.AUDITOR: _READ | {Permission.STAKEHOLDER_READ, Permission.AUDIT_READ},
    # Runs the system; neither approves nor releases wording.
    Role.ADMINISTRATOR: _DRAFT
    | {
        Permission.INCIDENT_RESTRICT,
        Permission.STAKEHOLDER_WRITE,
        Permission.TEMPLATE_WRITE,
        Permission.POLICY_ACTIVATE,
        Permission.MAPPING_WRITE,
        Permission.AUDIT_READ,
        Permission.ADMINISTER,
    },
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that any of the roles allows."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
