"""What the legal gate and the policy are held against: whom an update reaches, and by which channel."""

from datetime import datetime

from approvals.rules.consequences import PolicyFacts
from approvals.rules.legal import LegalFacts
from incidents.models import Incident
from incidents.queries.hearing import hearing_while_watched
from incidents.rules.content import Content
from incidents.rules.words import Stage
from policies.rules.decision import Decision
from stakeholders.queries import AudienceFacts


def outside_audiences(content: Content, audiences: AudienceFacts) -> frozenset[str]:
    """Everyone reached who is not internal; an audience that is not known counts as outside."""
    return frozenset(content.audiences) - audiences.internal


def legal_facts(incident: Incident, content: Content, audiences: AudienceFacts) -> LegalFacts:
    """What the legal gate reads."""
    return LegalFacts(
        data_breach=incident.data_breach,
        regulated_system=incident.regulated_system,
        outside=outside_audiences(content, audiences),
        names=audiences.names,
    )


def policy_facts(incident: Incident, decision: Decision, content: Content, at: datetime, audiences: AudienceFacts) -> PolicyFacts:
    """What the decision in force is held against at that moment."""
    return PolicyFacts(
        rule_words=decision.rule_words,
        now=at,
        opened_at=incident.opened_at,
        audiences=frozenset(content.audiences),
        outside=outside_audiences(content, audiences),
        channels=frozenset(content.channels),
        forbidden_channels=frozenset(decision.forbidden_channels),
        embargo=decision.embargo,
        watching=incident.stage == Stage.WATCHING,
        watching_audiences=hearing_while_watched(decision, audiences),
        names=audiences.names,
    )
