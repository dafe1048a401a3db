"""Deciding by a policy of 200 rules, beside the plainest loop that could do it.

The yardstick holds each rule as a list of (fact, set of words) and walks them in one loop over a dict of the facts: it knows no
trees, no numbers, no lists, and hands out the rule's number alone. Ours decides the same incidents by the same conditions and
hands out the whole decision, with the time at which to look again. Each side goes over the same incidents in turns.
"""

import os
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.support import Round, cpu_seconds, peak_mb, report
from policies.rules.decide import decide
from policies.rules.document import parse
from policies.rules.facts import KNOWN_WORDS, Facts

RULES = 200
INCIDENTS = 500
ROUNDS = 7
_FACTS = ("severity", "impact", "stage", "status", "category")
_THEN = {
    "outcome": "required",
    "cadence": {"investigating": 15, "identified": 30, "monitoring": 60},
    "reviews": [{"kind": "technical", "window_minutes": 15}, {"kind": "communications", "window_minutes": 15}],
    "audiences": ["customers", "internal"],
    "publishes_watching": False,
    "long_incident": {"after_minutes": 480, "cadence": {"investigating": 60}},
}


def main() -> bool:
    """Print the line `bench policy`; decisions per second, the slowest single decision in the note."""
    chance = random.Random(20260302)
    conditions = [_condition(chance) for _ in range(RULES - 1)]
    rules = [{"key": f"rule-{n}", "words": f"Rule {n}.", "when": when, "then": _THEN} for n, when in enumerate([*conditions, {}])]
    incidents = [_incident(chance) for _ in range(INCIDENTS)]
    started = time.perf_counter()
    document = parse(rules)
    read_ms = 1000 * (time.perf_counter() - started)
    plain_rules = [[(name, frozenset(words)) for name, words in when.items()] for when in [*conditions, {}]]
    plain_incidents = [incident.as_json() for incident in incidents]

    def ours() -> list[str]:
        return [decide(document, incident, 1).rule_key for incident in incidents]

    def yardstick() -> list[str]:
        return [f"rule-{_first(plain_rules, incident)}" for incident in plain_incidents]

    if ours() != yardstick():
        raise RuntimeError("The two sides decide otherwise.")
    taken = [(_round(ours), _round(yardstick)) for _ in range(ROUNDS)]
    times = sorted(_seconds(partial(decide, document, incident, 1)) for incident in incidents)
    note = (
        f"{RULES} rules, decisions/s; half of the decisions within {1e6 * times[INCIDENTS // 2]:.0f} µs, "
        f"99 of 100 within {1e6 * times[INCIDENTS * 99 // 100]:.0f} µs; the rules are read once, in {read_ms:.1f} ms"
    )
    report(
        "policy",
        [mine for mine, _ in taken],
        [theirs for _, theirs in taken],
        peak_mb=peak_mb(os.getpid()),
        note=note,
    )
    return True


def _condition(chance: random.Random) -> dict[str, list[str]]:
    """Three facts, one or two words of each: few incidents meet it, so that most rules are walked."""
    chosen = chance.sample(_FACTS, 3)
    return {name: chance.sample(KNOWN_WORDS[name], 1) for name in chosen} | {"category": chance.sample(KNOWN_WORDS["category"], 1)}


def _incident(chance: random.Random) -> Facts:
    words: dict[str, Any] = {name: chance.choice(KNOWN_WORDS[name]) for name in _FACTS}
    return Facts(**words, customer_facing=True, restricted=False, elapsed_minutes=chance.randrange(600))


def _first(rules: list[list[tuple[str, frozenset[str]]]], incident: dict[str, Any]) -> int:
    for number, rule in enumerate(rules):
        for name, words in rule:
            if incident[name] not in words:
                break
        else:
            return number
    raise RuntimeError("The last rule has a condition.")


def _round(side: Callable[[], list[str]]) -> Round:
    cpu = cpu_seconds(os.getpid())
    seconds = _seconds(side)
    return Round(INCIDENTS / seconds, INCIDENTS, cpu_seconds(os.getpid()) - cpu)


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
