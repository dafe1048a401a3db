"""Trying a version of the policy on past incidents, in chunks that a tick works off.

Restricted incidents are passed over: their number would tell that they exist.
"""

import time
from datetime import datetime

from accounts.actors import Actor, system
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from incidents.models import Incident, PolicyDecision, PolicyDryRun, PolicyDryRunDifference
from incidents.queries import decision_value
from incidents.rules.dry_run import Decided, Trial
from policies.models import PolicyVersion
from policies.queries import active_policy
from policies.rules.document import InvalidDocument, parse

ACTOR = system("dry_run")
CHUNK = 250


def start_dry_run(*, actor: Actor, now: datetime, version: PolicyVersion) -> PolicyDryRun:
    """Begins a trial of the version as it is now; ticks work it off. One that runs already is returned.

    Raises `Forbidden` without the permission to write policies, `InvalidInput` for rules that are no policy.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.POLICY_WRITE)
        if actor.user is None:
            raise Conflict("A person starts a dry run.", code="person_needed")
        PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
        running = PolicyDryRun.objects.filter(version=version.number, state="running").first()
        if running is not None:
            return running
        try:
            parse(version.rules)
        except InvalidDocument as error:
            raise InvalidInput("The version cannot be tried yet.", fields={"rules": list(error.problems)}) from error
        past = Incident.objects.filter(restricted=False)
        run = PolicyDryRun.objects.create(
            version=version.number,
            against=active_policy().number,
            rules=version.rules,
            started_by=actor.user,
            started_at=now,
            upto_id=past.order_by("-pk").values_list("pk", flat=True).first() or 0,
            total=past.count(),
        )
        work.record("policy.dry_run", subject=f"policy:{version.number}", body={"run": run.pk, "incidents": run.total})
        return run


def work_off_dry_runs(*, now: datetime, seconds: float = 1.0) -> int:
    """Works at the oldest running trial for so long, chunk by chunk, each in its own transaction; returns incidents looked at."""
    until, looked_at = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        done = _chunk(now)
        if done is None:
            break
        looked_at += done
    return looked_at


def _chunk(now: datetime) -> int | None:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        run = PolicyDryRun.objects.select_for_update(skip_locked=True, no_key=True).filter(state="running").order_by("pk").first()
        if run is None:
            return None
        ids = list(
            Incident.objects.filter(restricted=False, pk__gt=run.last_id, pk__lte=run.upto_id)
            .order_by("pk")
            .values_list("pk", flat=True)[:CHUNK]
        )
        try:
            trial = Trial(parse(run.rules), run.totals)
            PolicyDryRunDifference.objects.bulk_create(_differences(run, trial, ids))
        except (InvalidDocument, TypeError, ValueError, KeyError) as error:
            # A stored decision that cannot be read any more must not be tried for ever.
            run.state, run.finished_at, run.failure = "failed", now, str(error)[:300]
            run.save(update_fields=["state", "finished_at", "failure"])
            return 0
        run.totals, run.done, run.last_id = trial.totals, run.done + len(ids), ids[-1] if ids else run.upto_id
        if len(ids) < CHUNK:
            run.state, run.finished_at = "done", now
            work.record(
                "policy.dry_run_done",
                subject=f"policy:{run.version}",
                body={"run": run.pk, "incidents": run.done, "changed": run.totals.get("changed", 0)},
            )
        run.save()
        return len(ids)


def _differences(run: PolicyDryRun, trial: Trial, ids: list[int]) -> list[PolicyDryRunDifference]:
    by_incident: dict[int, list[Decided]] = {pk: [] for pk in ids}
    rows = PolicyDecision.objects.filter(incident_id__in=ids).order_by("incident_id", "id")
    for row in rows.iterator(chunk_size=CHUNK):
        stored = row.consequences or decision_value(row).as_json()
        by_incident[row.incident_id].append(Decided(row.facts, stored, row.rule_key, row.rule_words))
    found = []
    for pk, decisions in by_incident.items():
        if differs := trial.look_at(decisions):
            found.append(PolicyDryRunDifference(run=run, incident_id=pk, before=differs.before, after=differs.after))
    return found
