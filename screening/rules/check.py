"""One wording against all rules. Pure: the same words, facts and rule set always give the same findings."""

from collections.abc import Iterable, Iterator

from screening.rules.addresses import addresses
from screening.rules.catalogue import TOO_LONG
from screening.rules.findings import Finding, Hit, ScreeningFacts, Severity, Written
from screening.rules.hosts import hosts
from screening.rules.normalise import Normalised, normalise
from screening.rules.rule_set import PLAIN, RuleSet
from screening.rules.speech import speech
from screening.rules.terms import allowed_passages, own_terms
from screening.rules.tokens import tokens

# Longer than any title or body that can be stored; what is longer is refused unread, so that no paste can hold up a request.
LONGEST = 25_000
LONGEST_EXCERPT = 80
_GRAVEST_FIRST = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.HINT: 2}


def check(wording: Written, facts: ScreeningFacts, rules: RuleSet = PLAIN) -> tuple[Finding, ...]:
    """Every finding in the title, then every finding in the body, each in order of its place."""
    return (*check_text("title", wording.title, facts, rules), *check_text("body", wording.body, facts, rules))


def check_text(field: str, text: str, facts: ScreeningFacts, rules: RuleSet = PLAIN) -> tuple[Finding, ...]:
    """The findings in one field, in order of their place."""
    if len(text) > LONGEST:
        return (_finding(field, Normalised(text, text), Hit(TOO_LONG, 0, len(text)), Severity.BLOCK),)
    plain = normalise(text)
    lowered = "".join(character.lower() if len(character.lower()) == 1 else character for character in plain.text)
    graded = [
        (hit, severity)
        for hit in _not_allowed(_hits(plain.text, lowered, facts, rules), allowed_passages(lowered, rules))
        if (severity := hit.rule.severity(internal=facts.audience_internal)) is not None
    ]
    return tuple(_finding(field, plain, hit, severity) for hit, severity in _without_doubles(graded))


def _hits(text: str, lowered: str, facts: ScreeningFacts, rules: RuleSet) -> Iterator[Hit]:
    if not facts.audience_internal:
        yield from addresses(text, allowed=rules.allowed_ranges)
        yield from hosts(text, allowed=rules.allowed_suffixes)
    yield from tokens(text)
    yield from speech(text, facts)
    yield from own_terms(lowered, facts, rules)


def _not_allowed(hits: Iterable[Hit], allowed: list[tuple[int, int]]) -> Iterator[Hit]:
    """Without those that lie within an allowed passage. A secret is never allowed."""
    for hit in hits:
        if hit.secret or not any(start <= hit.start and hit.end <= end for start, end in allowed):
            yield hit


def _without_doubles(graded: list[tuple[Hit, Severity]]) -> list[tuple[Hit, Severity]]:
    """One finding per passage and group: the gravest, then the longest, and nothing of the same group within it."""
    kept: list[tuple[Hit, Severity]] = []
    for hit, severity in sorted(graded, key=_weight):
        if not any(hit.rule.group == other.rule.group and hit.start < other.end and other.start < hit.end for other, _ in kept):
            kept.append((hit, severity))
    return sorted(kept, key=lambda one: (one[0].start, one[0].end, one[0].rule.id))


def _weight(one: tuple[Hit, Severity]) -> tuple[int, bool, int, int]:
    """Gravest first, then secrets, then the longest, then the first."""
    hit, severity = one
    return _GRAVEST_FIRST[severity], not hit.secret, hit.start - hit.end, hit.start


def _finding(field: str, plain: Normalised, hit: Hit, severity: Severity) -> Finding:
    start, end = plain.span(hit.start, hit.end) if hit.end > hit.start else (0, 0)
    rule = hit.rule
    excerpt = _masked(plain.source[start:end]) if hit.secret else _shortened(plain.source[start:end])
    return Finding(rule.id, rule.group, severity, field, start, end, excerpt, rule.message, rule.safer, rule.why)


def _shortened(passage: str) -> str:
    words = " ".join(passage[: LONGEST_EXCERPT * 2].replace("\x00", " ").split())
    return words if len(words) <= LONGEST_EXCERPT else f"{words[: LONGEST_EXCERPT - 1]}…"


def _masked(secret: str) -> str:
    """Enough to find it by, and too little to use it: its first characters, at most four and never a quarter of it."""
    return f"{secret[: min(4, len(secret) // 8)]}… ({len(secret)} characters)"
