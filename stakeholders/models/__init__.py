"""The register, addresses, audiences and opt-outs."""

from stakeholders.models.audience import Audience, AudienceMember, OptOut
from stakeholders.models.stakeholder import ContactPoint, Stakeholder

__all__ = ["Audience", "AudienceMember", "ContactPoint", "OptOut", "Stakeholder"]
