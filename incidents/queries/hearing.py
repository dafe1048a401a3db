"""Who may be told of an incident now."""

from collections.abc import Collection

from incidents.models import Incident
from incidents.queries import current_decision, decision_value, outside_scope_of
from incidents.rules.visibility import hearing_of, tellable
from policies.rules.decision import Decision
from stakeholders.queries import AudienceFacts, audience_facts


def may_hear(incident: Incident, keys: Collection[str], audiences: AudienceFacts | None = None) -> frozenset[str]:
    """Of these audiences, those that the release gate admits now: restriction, watching and scope keep the others from hearing."""
    if not keys:
        return frozenset()
    audiences, decision = audiences or audience_facts(), decision_value(current_decision(incident))
    return tellable(
        keys,
        known=audiences.names.keys(),
        outside=outside_scope_of(incident, keys).keys(),
        public=audiences.public,
        restricted=incident.restricted,
        stage=incident.stage,
        publishes_watching=decision.publishes_watching,
        hearing=hearing_while_watched(decision, audiences),
    )


def hearing_while_watched(decision: Decision, audiences: AudienceFacts) -> frozenset[str]:
    """Who hears of what is only watched, by the decision in force."""
    return hearing_of(
        decision.watching_audiences, internal=audiences.internal, public=audiences.public, publishes_watching=decision.publishes_watching
    )
