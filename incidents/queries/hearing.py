"""Who may be told of an incident now, and which promises can be kept."""

from collections.abc import Collection, Iterable

from django.db.models import prefetch_related_objects

from incidents.models import Incident, PolicyDecision, UpdatePromise
from incidents.queries import current_decision, decision_value, outside_scope_of
from incidents.rules.visibility import hearing_of, tellable
from policies.rules.decision import Decision
from stakeholders.queries import AudienceFacts, audience_facts, scopes
from stakeholders.rules.scope import all_outside


def may_hear(incident: Incident, keys: Collection[str], audiences: AudienceFacts | None = None) -> frozenset[str]:
    """Of these audiences, those that the release gate admits now: restriction, watching and scope keep the others from hearing."""
    if not keys:
        return frozenset()
    decision = decision_value(current_decision(incident))
    return _hearing(incident, keys, audiences or audience_facts(), decision, outside_scope_of(incident, keys))


def keepable(promises: Iterable[UpdatePromise]) -> frozenset[int]:
    """The ids of those promises that an update can keep now: one of the readers who wait may be told, or none is named.

    Of however many incidents, in the same few queries where the promises come with theirs. The others stand by: nobody is called
    for them, for nobody could keep them.
    """
    promises = list(promises)
    able = frozenset(promise.pk for promise in promises if not promise.audiences)
    named = [promise for promise in promises if promise.audiences]
    if not named:
        return able
    audiences, bound = audience_facts(), scopes()
    incidents = {promise.incident_id: promise.incident for promise in named}
    prefetch_related_objects(list(incidents.values()), "components")
    newest = PolicyDecision.objects.filter(incident__in=incidents).order_by("incident_id", "-id").distinct("incident_id")
    decisions = {row.incident_id: decision_value(row) for row in newest}

    def may_be_kept(promise: UpdatePromise) -> bool:
        incident = incidents[promise.incident_id]
        components = frozenset(component.key for component in incident.components.all())
        outside = all_outside(bound, customer_facing=incident.customer_facing, components=components)
        return bool(_hearing(incident, promise.untold, audiences, decisions[promise.incident_id], outside))

    return able | {promise.pk for promise in named if may_be_kept(promise)}


def _hearing(
    incident: Incident, keys: Collection[str], audiences: AudienceFacts, decision: Decision, outside: Collection[str]
) -> frozenset[str]:
    return tellable(
        keys,
        known=audiences.names.keys(),
        outside=outside,
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
