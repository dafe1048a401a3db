"""Deciding again where somebody else changed what the policy reads: components, the policy itself, or time."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.actors import system
from audit.services import UnitOfWork, unit_of_work
from core.events import publish
from core.one_by_one import one_by_one
from incidents.events import IncidentChanged
from incidents.models import Incident, PolicyDecision
from incidents.rules.words import Status
from incidents.services.deciding import Policy, decide_again, derive_scope, policy_in_force, settle_first_promise
from incidents.services.locking import lock_open_incidents
from incidents.services.timeline import note
from policies.queries import active_policy

ACTOR = system("policy")
AT_ONCE = 100


def reconsider_component(*, component_id: int, name: str, new_status: str, now: datetime) -> None:
    """A component's state changed: scope and decision of every open incident that it affects follow, in the same transaction."""
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        policy: Policy | None = None
        for incident in lock_open_incidents([component_id]):
            policy = policy or policy_in_force()
            _follow_scope(work, incident)
            _decide(work, incident, cause=f"{name} is {new_status.replace('_', ' ')}", policy=policy)


def reconsider_depended_on(*, components: Collection[int], audience: str, now: datetime) -> None:
    """Who depends on these components has changed: every open incident that affects one is decided again, in the same transaction."""
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        policy: Policy | None = None
        for incident in lock_open_incidents(components):
            policy = policy or policy_in_force()
            _decide(work, incident, cause=f"“{audience}” is told of other components than before"[:200], policy=policy)


def reconsider_all(*, now: datetime, number: int) -> None:
    """Another version of the policy is in force: every open incident is decided again, in the same transaction."""
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        policy = policy_in_force()
        for incident in _open().select_for_update(of=("self",), no_key=True).order_by("pk").iterator(chunk_size=AT_ONCE):
            _decide(work, incident, cause=f"version {number} of the policy is in force", policy=policy)


def reconsider_due(*, now: datetime) -> int:
    """Decides again where time alone may have changed the answer, and where a version came into force while an incident was opened.

    Returns how many were looked at, each in a transaction of its own. Rows that another worker holds are passed over.
    """
    due = list(Incident.objects.filter(reconsider_at__lte=now).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    behind = list(_behind().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return one_by_one(dict.fromkeys(due + behind), partial(_reconsider, now=now), what="Deciding again over incident")


def catch_up(incident: Incident, *, now: datetime) -> bool:
    """The same for one incident that the caller has locked: what is released is judged by the policy's answer at that moment.

    Nothing waits for a tick that may be late. Returns whether it was decided again.
    """
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        return _catch_up(work, incident)


def _reconsider(pk: int, *, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        incident = Incident.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=pk).first()
        # Whoever held it until now may have decided again meanwhile.
        return incident is not None and _catch_up(work, incident)


def _catch_up(work: UnitOfWork, incident: Incident) -> bool:
    """Decides again where a version or the time has overtaken the decision; whether it did. The cause is the one that holds."""
    is_behind = _behind().filter(pk=incident.pk).exists()
    if not is_behind and not _is_due(incident, work.now):
        return False
    policy = policy_in_force()
    if is_behind:
        cause = f"version {policy.number} of the policy is in force"
    else:
        minutes = max(0, int((work.now - incident.opened_at).total_seconds()) // 60)
        cause = f"time passed: {minutes} minutes since it was opened"
    _decide(work, incident, cause=cause, policy=policy)
    return True


def _is_due(incident: Incident, now: datetime) -> bool:
    return incident.reconsider_at is not None and incident.reconsider_at <= now


def _behind() -> "QuerySet[Incident]":
    """Open incidents whose decision is of another version than the one in force."""
    newest = PolicyDecision.objects.filter(incident=OuterRef("pk")).order_by("-id").values("policy_version")[:1]
    return _open().annotate(decided_by=Subquery(newest)).exclude(decided_by=active_policy().number)


def _open() -> "QuerySet[Incident]":
    return Incident.objects.exclude(status=Status.RESOLVED)


def _follow_scope(work: UnitOfWork, incident: Incident) -> None:
    before = incident.outage_scope
    if not derive_scope(incident):
        return
    incident.version += 1
    incident.save(update_fields=["outage_scope", "version"])
    body = {"before": {"outage_scope": before}, "after": {"outage_scope": incident.outage_scope}, "fields": ["outage_scope"]}
    work.record("incident.changed", subject=f"incident:{incident.public_id}", body=body)
    publish(IncidentChanged(incident_id=incident.pk, fields=("outage_scope",), actor=work.actor, at=work.now))


def _decide(work: UnitOfWork, incident: Incident, *, cause: str, policy: Policy | None) -> None:
    last = incident.decisions.first()
    row = decide_again(work, incident, cause=cause, policy=policy)
    # Whom the policy names by the same answer depends on what each audience is bound to.
    settle_first_promise(incident, row, work.now)
    if last is not None and row.pk == last.pk:
        return
    if last is None or (last.rule_key, last.outcome, last.policy_version) != (row.rule_key, row.outcome, row.policy_version):
        note(incident, actor=ACTOR, now=work.now, kind="decided", text=f"The policy decided again, because {cause}: {row.rule_words}")
