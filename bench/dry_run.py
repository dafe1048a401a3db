"""Trying a policy on 10,000 past incidents with two decisions each, beside one plain loop over the same rows.

The yardstick streams facts and outcomes in one query and decides each by the same document: it keeps no differences, no totals and no
place to go on from. Ours is the tick's own work, in its chunks and transactions. Memory is looked at after a tenth of the incidents
and at the end: it must not grow with their number.
"""

import os
import time
from datetime import timedelta

import bench.scene  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from bench.scene import SYSTEM, installation, staff
from bench.support import Round, cpu_seconds, peak_mb, report
from core.clock import utc_now
from incidents.models import Incident, PolicyDecision, PolicyDryRun
from incidents.services import open_incident, start_dry_run, work_off_dry_runs
from incidents.services.dry_run import CHUNK
from policies.models import PolicyVersion
from policies.queries import active_policy
from policies.rules.decide import rule_for
from policies.rules.document import parse
from policies.rules.facts import Facts

INCIDENTS = 10_000
ROUNDS = 3


def main() -> bool:
    """Print the line `bench dry_run`: incidents tried per second."""
    with installation():
        people = staff()
        _history()
        version = _milder()
        document = parse(version.rules)
        taken, after_tenth = [], 0.0
        for _ in range(ROUNDS):
            start_dry_run(actor=people.commander, now=utc_now(), version=version)
            cpu, began = cpu_seconds(os.getpid()), time.perf_counter()
            while work_off_dry_runs(now=utc_now(), seconds=0.01):
                if not after_tenth and PolicyDryRun.objects.filter(done__gte=INCIDENTS // 10).exists():
                    after_tenth = peak_mb(os.getpid())
            ours = Round(INCIDENTS / (time.perf_counter() - began), INCIDENTS, cpu_seconds(os.getpid()) - cpu)
            began = time.perf_counter()
            rows = PolicyDecision.objects.order_by("id").values_list("facts", "outcome")
            sum(rule_for(document, Facts.from_json(facts)).then.outcome != outcome for facts, outcome in rows.iterator(chunk_size=CHUNK))
            taken.append((ours, Round(INCIDENTS / (time.perf_counter() - began), INCIDENTS, 0.0)))
        at_end = peak_mb(os.getpid())
        last = PolicyDryRun.objects.latest("pk")
        report(
            "dry_run",
            [ours for ours, _ in taken],
            [plain for _, plain in taken],
            peak_mb=at_end,
            note=f"{INCIDENTS} incidents, {2 * INCIDENTS} decisions, {last.totals['changed']} would differ; "
            f"peak after a tenth {after_tenth:.1f} MB, at the end {at_end:.1f} MB",
        )
    return True


def _history() -> None:
    """One incident opened by the service, and its rows copied: the facts are those that a real one has."""
    now = utc_now()
    opened = {
        severity: open_incident(actor=SYSTEM, now=now, title="Checkout fails", severity=severity, impact="major", stage="confirmed")
        for severity in ("SEV1", "SEV2", "SEV3", "SEV4")
    }
    made = {severity: incident.decisions.get() for severity, incident in opened.items()}
    order = list(opened)
    for first in range(len(order), INCIDENTS, 1000):
        copies = Incident.objects.bulk_create(
            Incident(
                title=f"Incident {number}",
                severity=order[number % 4],
                impact="major",
                stage="confirmed",
                opened_by=SYSTEM.ref,
                opened_at=now - timedelta(minutes=number),
            )
            for number in range(first, min(first + 1000, INCIDENTS))
        )
        decisions = [(copy, made[severity]) for copy in copies for severity in (copy.severity, "SEV3")]
        PolicyDecision.objects.bulk_create(_copy(of, decision) for of, decision in decisions)


def _copy(incident: Incident, decision: PolicyDecision) -> PolicyDecision:
    return PolicyDecision(
        incident=incident,
        outcome=decision.outcome,
        rule_key=decision.rule_key,
        rule_words=decision.rule_words,
        cadence=decision.cadence,
        reviews=decision.reviews,
        audiences=decision.audiences,
        consequences=decision.consequences,
        facts=decision.facts,
        policy_version=decision.policy_version,
        at=decision.at,
    )


def _milder() -> PolicyVersion:
    """A draft that asks nothing of SEV1."""
    rules = [
        rule | {"then": rule["then"] | {"outcome": "optional", "cadence": {}}} if rule["key"] == "customer-sev1" else rule
        for rule in active_policy().rules
    ]
    return PolicyVersion.objects.create(number=99, state="draft", rules=rules, created_at=utc_now())
