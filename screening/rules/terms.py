"""The organisation's own terms, and the passages that it allows."""

import re
from collections.abc import Iterator

from screening.rules.findings import Hit, ScreeningFacts
from screening.rules.rule_set import RuleSet

_WORD = re.compile(r"\w+")
_HOST = re.compile(r"(?<![\w.-])[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,9}(?![\w-])")


def own_terms(lowered: str, facts: ScreeningFacts, rules: RuleSet) -> Iterator[Hit]:
    """Every own term that concerns these readers. `lowered` is the normalised text in lower case, of the same length."""
    if rules.terms:
        for word in _WORD.finditer(lowered):
            for term in rules.terms.get(word[0], ()):
                match = term.pattern.match(lowered, word.start())
                if match and term.concerns(audience=facts.audience, internal=facts.audience_internal):
                    yield Hit(term.rule, match.start(), match.end())
    for host in _HOST.finditer(lowered) if rules.host_suffixes else ():
        for suffix, term in rules.host_suffixes:
            named = host[0].endswith(f".{suffix}") and not host[0].endswith(tuple(f".{one}" for one in rules.allowed_suffixes))
            if named and term.concerns(audience=facts.audience, internal=facts.audience_internal):
                yield Hit(term.rule, host.start(), host.end())


def allowed_passages(lowered: str, rules: RuleSet) -> list[tuple[int, int]]:
    """Where the text says something that the organisation allows."""
    return [match.span() for pattern in rules.allowed_terms for match in pattern.finditer(lowered)]
