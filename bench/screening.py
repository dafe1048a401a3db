"""``screening``: one check of a draft of 2,000 characters beside one pass of a compiled regular expression over it."""

import os
import re
import time

from bench.support import Round, cpu_seconds, peak_mb, report
from incidents.rules.content import Wording
from screening.rules.check import check
from screening.rules.findings import ScreeningFacts
from screening.rules.rule_set import parse

_ROUNDS = 5
_CHECKS = 300
_PASSES = 20_000
_LENGTH = 2000
# What a hand-written check would be: addresses alone, in one pattern.
_YARDSTICK = re.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b")
_SENTENCES = (
    "Since 13:05 UTC some payments by card fail in Europe. ",
    "We have found the faulty part and are replacing it; paying by bank transfer works. ",
    "Failures are probably due to a database that ran out of connections, version 14.2.0.1. ",
    "Details: https://status.example.com/incidents/4711?ref=mail. ",
    "Next update by 14:30 UTC. ",
)


def main() -> bool:
    """Measure and print the line; checks of drafts as people write them, with an organisation's 200 terms in force."""
    text = "".join(_SENTENCES) * (_LENGTH // len("".join(_SENTENCES)) + 1)
    wording = Wording("Some checkouts are failing", text[:_LENGTH])
    rules = parse({"terms": [_term(number) for number in range(200)], "allow": {"suffixes": [], "ranges": ["203.0.113.0/24"], "terms": []}})
    facts = ScreeningFacts(audience="customers")
    ours: list[Round] = []
    yardstick: list[Round] = []
    slowest = 0.0
    for _ in range(_ROUNDS):
        began, used = time.perf_counter(), cpu_seconds(os.getpid())
        for _ in range(_CHECKS):
            start = time.perf_counter()
            check(wording, facts, rules)
            slowest = max(slowest, time.perf_counter() - start)
        ours.append(Round(_CHECKS / (time.perf_counter() - began), _CHECKS, cpu_seconds(os.getpid()) - used))
        began = time.perf_counter()
        for _ in range(_PASSES):
            _YARDSTICK.findall(wording.body)
        yardstick.append(Round(_PASSES / (time.perf_counter() - began), _PASSES, 0.0))
    found = len(check(wording, facts, rules))
    note = f"one draft of {_LENGTH} characters, {found} findings, 200 own terms; slowest of {_ROUNDS * _CHECKS}: {1000 * slowest:.2f} ms"
    report("screening", ours, yardstick, peak_mb=peak_mb(os.getpid()), note=note)
    return True


def _term(number: int) -> dict[str, object]:
    return {"kind": "codename", "term": f"Nightjar {number}", "severity": "block", "message": "", "safer": "", "audiences": []}
