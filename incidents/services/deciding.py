"""Asking the policy and keeping its answer, with the first promise that follows from it. Used inside a unit of work."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from audit.services import UnitOfWork
from incidents.models import Incident, PolicyDecision, UpdatePromise
from incidents.queries import current_etr, decision_value, told
from incidents.rules.promises import moved_due
from incidents.rules.scope import derived_scope
from incidents.rules.words import Status
from incidents.services.drafting import audiences_of
from incidents.services.promising import close_promise, make_promise, move_promise
from policies.queries import active_policy, document_of
from policies.rules.decide import decide
from policies.rules.decision import Decision, Outcome
from policies.rules.document import Document
from policies.rules.facts import NUMBERS, Facts
from stakeholders.queries import audience_keys, audiences_bound_to

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Policy:
    """A version of the policy, read once for many incidents."""

    document: Document
    number: int


def policy_in_force() -> Policy:
    """The active version. Raises `Conflict` when there is none."""
    version = active_policy()
    return Policy(document_of(version), version.number)


def facts_of(incident: Incident, now: datetime) -> Facts:
    """What the policy may read of the incident at that time."""
    etr = current_etr(incident, now)
    keys = tuple(sorted(component.key for component in incident.components.all()))
    return Facts(
        severity=incident.severity,
        impact=incident.impact,
        stage=incident.stage,
        status=incident.status,
        category=incident.category,
        customer_facing=incident.customer_facing,
        restricted=incident.restricted,
        tags=tuple(incident.tags),
        outage_scope=incident.outage_scope,
        expected_minutes=max(0, ceil((etr.expected_at - now) / MINUTE)) if etr and etr.expected_at else None,
        elapsed_minutes=max(0, (now - incident.opened_at) // MINUTE),
        components=keys,
        depended_on_by=audiences_bound_to(keys),
        regulatory_flags=tuple(incident.regulatory_flags),
        data_breach=incident.data_breach,
        regulated_system=incident.regulated_system,
        jurisdictions=tuple(incident.jurisdictions),
    )


def derive_scope(incident: Incident) -> bool:
    """Lets the components' states set the outage scope unless a person did; the caller saves. Whether it changed."""
    if incident.outage_scope_set_by_id is not None:
        return False
    found = derived_scope(incident.components.values_list("status", flat=True))
    changed = incident.outage_scope != found
    incident.outage_scope = found
    return changed


def decide_again(
    work: UnitOfWork, incident: Incident, *, cause: str = "", policy: Policy | None = None, assessed: bool = False
) -> PolicyDecision:
    """Decides over the incident's facts as they are now, and notes when time alone could change the answer.

    The decision there is stays where nothing but the clock moved and the answer is the same; `assessed` says that the
    expected time was given anew, which is a fact and not the clock. Raises `Conflict` when no policy is in force.
    """
    used = policy or policy_in_force()
    facts = facts_of(incident, work.now)
    decision = decide(used.document, facts, used.number)
    _note_when_to_reconsider(incident, decision, work.now)
    last = incident.decisions.first()
    if last is not None and not assessed and _still_holds(last, facts, decision):
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
        consequences=decision.as_json(),
        cause=cause[:200],
        facts=facts.as_json(),
        policy_version=decision.policy_version,
        at=work.now,
    )
    work.record(
        "incident.decided",
        subject=f"incident:{incident.public_id}",
        body={"rule": row.rule_key, "cause": row.cause, "facts": row.facts, **row.consequences},
        policy_version=decision.policy_version,
    )
    return row


def settle_first_promise(incident: Incident, row: PolicyDecision, now: datetime) -> None:
    """Makes, moves or ends the promise that the policy itself makes: that a first word comes to everybody it names.

    It is made to the audiences named that have read nothing of the incident; one that is named from now on joins those who wait, one
    that is named no more leaves them. Where the policy names nobody it is made to nobody by name, until anything is released.
    A promise made by a released update stays as its readers read it. One that is wanted again, with nothing said
    meanwhile, counts from its first start: what the policy answered in between makes nobody less late.
    """
    promise = incident.promises.select_for_update(of=("self",), no_key=True).filter(closed_at__isnull=True, made_by=None).first()
    decision = decision_value(row)
    asks = decision.outcome is Outcome.REQUIRED and incident.status != Status.RESOLVED
    if not asks and promise is None:
        return
    named, heard = frozenset(audiences_of(incident, decision)) & frozenset(audience_keys()), told(incident)
    missing = named - heard
    minutes = _minutes_to_first_word(incident, decision, missing, now) if asks and (missing or not (named or heard)) else None
    if minutes is None:
        if promise is not None:
            close_promise(promise, now=now)
        return
    if promise is None:
        make_promise(
            incident,
            now=now,
            minutes=minutes,
            policy_version=row.policy_version,
            policy_minutes=minutes,
            resumes=_unanswered(incident, missing),
            audiences=missing,
        )
        return
    if minutes != promise.policy_minutes:
        move_promise(promise, due_at=moved_due(made_at=promise.made_at, old_due=promise.due_at, minutes=minutes, now=now), now=now)
    promise.policy_version = row.policy_version
    promise.policy_minutes = minutes
    promise.audiences = sorted(missing | (heard & frozenset(promise.audiences)))
    promise.untold = sorted(missing)
    promise.save()


def _minutes_to_first_word(incident: Incident, decision: Decision, missing: Collection[str], now: datetime) -> int | None:
    """What the policy asks for until those hear who have heard nothing, of no status either but the one that incidents begin with."""
    elapsed = max(0, (now - incident.opened_at) // MINUTE)
    return decision.minutes_until_next(Status.INVESTIGATING, audiences=missing, elapsed_minutes=elapsed)


def _unanswered(incident: Incident, missing: Collection[str]) -> UpdatePromise | None:
    """The policy's last promise, where no update answered it and one of these waited for it, or nobody by name."""
    last = incident.promises.filter(made_by=None).order_by("-id").first()
    if last is None or last.kept_by_id is not None or (last.untold and missing and not set(last.untold) & set(missing)):
        return None
    return last


def _still_holds(last: PolicyDecision, facts: Facts, decision: Decision) -> bool:
    """Whether nothing but the clock has moved since, with the same answer under the same version."""
    before = Facts.from_json(last.facts)
    same_facts = replace(before, **{name: getattr(facts, name) for name in NUMBERS}) == facts
    known = (before.expected_minutes is None) == (facts.expected_minutes is None)
    answered = replace(decision_value(last), reconsider_after_minutes=decision.reconsider_after_minutes)
    return same_facts and known and last.policy_version == decision.policy_version and answered == decision


def _note_when_to_reconsider(incident: Incident, decision: Decision, now: datetime) -> None:
    times = []
    if incident.status != Status.RESOLVED:
        if decision.reconsider_after_minutes is not None:
            times.append(incident.opened_at + decision.reconsider_after_minutes * MINUTE)
        if etr := current_etr(incident, now):
            times.append(etr.expires_at)
    at = min((time for time in times if time > now), default=None)
    if at != incident.reconsider_at:
        incident.reconsider_at = at
        incident.save(update_fields=["reconsider_at"])
