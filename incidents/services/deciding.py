"""Asking the policy and keeping its answer, with the first promise that follows from it. Used inside a unit of work."""

from datetime import datetime

from audit.services import UnitOfWork
from incidents.models import Incident, PolicyDecision
from incidents.queries import decision_value
from incidents.rules.promises import moved_due
from incidents.rules.words import Status
from incidents.services.promising import close_promise, make_promise, move_promise
from policies.queries import decide_for
from policies.rules.decision import Outcome
from policies.rules.facts import Facts


def facts_of(incident: Incident) -> Facts:
    """What the policy may read."""
    return Facts(
        severity=incident.severity,
        impact=incident.impact,
        stage=incident.stage,
        status=incident.status,
        category=incident.category,
        customer_facing=incident.customer_facing,
        restricted=incident.restricted,
    )


def decide_again(work: UnitOfWork, incident: Incident) -> PolicyDecision:
    """Decides over the incident's facts as they are now; the same facts under the same policy keep the decision there is."""
    facts = facts_of(incident)
    decision = decide_for(facts)
    last = incident.decisions.first()
    if last is not None and last.facts == facts.as_json() and last.policy_version == decision.policy_version:
        return last
    row = PolicyDecision.objects.create(
        incident=incident,
        outcome=decision.outcome,
        rule_key=decision.rule_key,
        rule_words=decision.rule_words,
        cadence=decision.cadence,
        reviews=[{"kind": review.kind.value, "window_minutes": review.window_minutes} for review in decision.reviews],
        audiences=list(decision.audiences),
        publishes_watching=decision.publishes_watching,
        facts=facts.as_json(),
        policy_version=decision.policy_version,
        at=work.now,
    )
    work.record(
        "incident.decided",
        subject=f"incident:{incident.public_id}",
        body={"outcome": row.outcome, "rule": row.rule_key, "facts": row.facts, "cadence": row.cadence, "audiences": row.audiences},
        policy_version=decision.policy_version,
    )
    return row


def settle_first_promise(incident: Incident, row: PolicyDecision, now: datetime) -> None:
    """Makes, moves or ends the promise that the policy itself makes: the first update of an incident that needs one.

    A promise made by a released update stays as the public read it.
    """
    decision = decision_value(row)
    minutes = decision.minutes_until_next(incident.status)
    wanted = decision.outcome is Outcome.REQUIRED and incident.status != Status.RESOLVED and minutes is not None
    promise = incident.promises.select_for_update(of=("self",), no_key=True).filter(closed_at__isnull=True).first()
    if promise is None:
        if wanted and minutes is not None and not incident.promises.filter(kept_by__isnull=False).exists():
            make_promise(incident, now=now, minutes=minutes, policy_version=row.policy_version, policy_minutes=minutes)
        return
    if promise.made_by_id is not None:
        return
    if not wanted or minutes is None:
        close_promise(promise, now=now)
        return
    move_promise(promise, due_at=moved_due(made_at=promise.made_at, old_due=promise.due_at, minutes=minutes, now=now), now=now)
    promise.policy_version = row.policy_version
    promise.policy_minutes = minutes
    promise.save()
