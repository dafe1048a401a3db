"""The register, addresses, audiences and opt-outs."""

from stakeholders.models.audience import Audience, AudienceMember, OptOut
from stakeholders.models.contact_point import ContactPoint
from stakeholders.models.register_import import ImportRow, RegisterImport
from stakeholders.models.stakeholder import Stakeholder
from stakeholders.models.verification import Verification

__all__ = [
    "Audience",
    "AudienceMember",
    "ContactPoint",
    "ImportRow",
    "OptOut",
    "RegisterImport",
    "Stakeholder",
    "Verification",
]
