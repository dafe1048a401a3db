"""The register, addresses, audiences and opt-outs."""

from stakeholders.models.audience import Audience, AudienceMember, OptOut
from stakeholders.models.contact_point import ContactPoint
from stakeholders.models.drill import Drill
from stakeholders.models.escalation import EscalationStep, EscalationTarget, EscalationTree
from stakeholders.models.escalation_run import Acknowledgement, EscalationCall, EscalationRun, EscalationRunStep
from stakeholders.models.register_import import ImportRow, RegisterImport
from stakeholders.models.stakeholder import Stakeholder
from stakeholders.models.stopped_address import StoppedAddress
from stakeholders.models.verification import Verification

__all__ = [
    "Acknowledgement",
    "Audience",
    "AudienceMember",
    "ContactPoint",
    "Drill",
    "EscalationCall",
    "EscalationRun",
    "EscalationRunStep",
    "EscalationStep",
    "EscalationTarget",
    "EscalationTree",
    "ImportRow",
    "OptOut",
    "RegisterImport",
    "Stakeholder",
    "StoppedAddress",
    "Verification",
]
