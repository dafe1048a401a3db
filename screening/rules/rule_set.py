"""What an organisation adds to the shipped rules: terms of its own, and what is allowed all the same.

`{"terms": [{"kind", "term", "severity", "message", "safer", "audiences"}],`
` "allow": {"suffixes": [...], "ranges": [...], "terms": [...]}}`

A term is found as whole words, in any case. One of the kind `host_suffix` is found as the end of a host's name. `audiences`
are keys; an empty list means every audience outside.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network
from typing import Any

from screening.rules.addresses import Network
from screening.rules.findings import Group, Rule, Severity
from screening.rules.normalise import normalise

MOST_TERMS = 500
LONGEST_TERM = 100
LONGEST_WORDS = 300
_PARTS = ("kind", "term", "severity", "message", "safer", "audiences")
_LISTS = ("suffixes", "ranges", "terms")
_SUFFIX = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62})){0,9}")
_WORD = re.compile(r"\w+")

Problems = dict[str, list[str]]
EMPTY: dict[str, Any] = {"terms": [], "allow": {name: [] for name in _LISTS}}


class TermKind(StrEnum):
    """What a term names."""

    SYSTEM = "system"
    HOST = "host"
    HOST_SUFFIX = "host_suffix"
    CODENAME = "codename"
    PRODUCT = "product"
    CUSTOMER = "customer"
    OTHER = "other"


@dataclass(frozen=True)
class Term:
    """A term of the organisation's own, ready to be looked for."""

    rule: Rule
    severity: Severity
    pattern: re.Pattern[str]
    audiences: frozenset[str]

    def concerns(self, *, audience: str, internal: bool) -> bool:
        """Whether it is looked for in this audience's wording."""
        return audience in self.audiences if self.audiences else not internal


@dataclass(frozen=True)
class RuleSet:
    """A rule set ready for use. Terms are found by their first word, so that many of them cost no more than few."""

    terms: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    host_suffixes: tuple[tuple[str, Term], ...] = ()
    allowed_suffixes: tuple[str, ...] = ()
    allowed_ranges: tuple[Network, ...] = ()
    allowed_terms: tuple[re.Pattern[str], ...] = ()


PLAIN = RuleSet()


def parse(document: dict[str, Any]) -> RuleSet:
    """The rule set that a document without `problems` describes."""
    by_word: dict[str, list[Term]] = {}
    suffixes: list[tuple[str, Term]] = []
    for item in document["terms"]:
        term = _term(item)
        if item["kind"] == TermKind.HOST_SUFFIX:
            suffixes.append((item["term"].lower().lstrip("."), term))
        else:
            by_word.setdefault(_first_word(item["term"]), []).append(term)
    allow = document["allow"]
    return RuleSet(
        terms={word: tuple(terms) for word, terms in by_word.items()},
        host_suffixes=tuple(suffixes),
        allowed_suffixes=tuple(suffix.lower().lstrip(".") for suffix in allow["suffixes"]),
        allowed_ranges=tuple(ip_network(text, strict=False) for text in allow["ranges"]),
        allowed_terms=tuple(_pattern(text) for text in allow["terms"]),
    )


def _term(item: dict[str, Any]) -> Term:
    severity = Severity(item["severity"])
    kind = item["kind"].replace("_", " ")
    message = item["message"] or f"Your organisation's list names this ({kind})."
    why = "A term of your organisation's own rule set."
    rule = Rule(f"own.{item['kind']}", Group.OWN, severity, severity, message, item["safer"], why)
    return Term(rule, severity, _pattern(item["term"]), frozenset(item["audiences"]))


def _pattern(term: str) -> re.Pattern[str]:
    words = normalise(term).text.lower().split()
    return re.compile(r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\w)")


def _first_word(term: str) -> str:
    match = _WORD.search(normalise(term).text.lower())
    return match[0] if match else ""


def problems(document: Any, *, audiences: Collection[str]) -> Problems:
    """Sentences per place at fault; empty when the document can be parsed. `audiences` are the keys that exist."""
    if not isinstance(document, dict) or set(document) != {"terms", "allow"}:
        return {"document": ["A rule set has exactly the parts terms and allow."]}
    found: Problems = {}
    terms, allow = document["terms"], document["allow"]
    if not isinstance(terms, list) or len(terms) > MOST_TERMS:
        _say(found, "terms", f"Terms are a list of at most {MOST_TERMS}.")
    else:
        for number, item in enumerate(terms, start=1):
            _check_term(found, f"terms.{number}", item, audiences)
        _check_twice(found, terms)
    if not isinstance(allow, dict) or set(allow) != set(_LISTS):
        _say(found, "allow", f"What is allowed has exactly the parts {', '.join(_LISTS)}.")
    else:
        for name in _LISTS:
            _check_list(found, f"allow.{name}", allow[name], _CHECKS[name])
    return found


def _check_term(found: Problems, place: str, item: Any, audiences: Collection[str]) -> None:
    if not isinstance(item, dict) or set(item) != set(_PARTS):
        _say(found, place, f"A term has exactly the parts {', '.join(_PARTS)}.")
        return
    texts = {name: item[name] for name in ("kind", "term", "severity", "message", "safer")}
    if not all(isinstance(text, str) and "\x00" not in text for text in texts.values()):
        _say(found, place, "Kind, term, severity, message and safer wording are texts without NUL characters.")
        return
    if item["kind"] not in set(TermKind):
        _say(found, f"{place}.kind", f"Choose one of {', '.join(TermKind)}.")
    if item["severity"] not in set(Severity):
        _say(found, f"{place}.severity", f"Choose one of {', '.join(Severity)}.")
    if sentence := (_suffix if item["kind"] == TermKind.HOST_SUFFIX else _words)(item["term"]):
        _say(found, f"{place}.term", sentence)
    for name in ("message", "safer"):
        if len(item[name]) > LONGEST_WORDS:
            _say(found, f"{place}.{name}", f"At most {LONGEST_WORDS} characters.")
    keys = item["audiences"]
    if not isinstance(keys, list) or any(not isinstance(key, str) or key not in audiences for key in keys):
        _say(found, f"{place}.audiences", f"Choose from {', '.join(sorted(audiences)) or 'none'}; none means every audience outside.")


def _check_twice(found: Problems, terms: list[Any]) -> None:
    seen: set[tuple[str, str]] = set()
    for number, item in enumerate(terms, start=1):
        if isinstance(item, dict) and isinstance(item.get("term"), str) and isinstance(item.get("kind"), str):
            key = (item["kind"], item["term"].lower().strip())
            if key in seen:
                _say(found, f"terms.{number}.term", "This term stands twice: keep one of them.")
            seen.add(key)


def _check_list(found: Problems, place: str, values: Any, sentence_about: Callable[[str], str]) -> None:
    if not isinstance(values, list) or len(values) > MOST_TERMS or not all(isinstance(value, str) for value in values):
        _say(found, place, f"A list of at most {MOST_TERMS} texts.")
        return
    for value in values:
        if sentence := sentence_about(value):
            _say(found, place, f"“{value[:LONGEST_TERM]}”: {sentence}")


def _words(text: str) -> str:
    plain = normalise(text).text.strip()
    if not plain or len(text) > LONGEST_TERM or "\x00" in text:
        return f"Give 1 to {LONGEST_TERM} characters."
    if not _WORD.match(plain) or not _WORD.match(plain[-1]):
        return "Begin and end with a letter or a digit: terms are found as whole words."
    return ""


def _suffix(text: str) -> str:
    return "" if _SUFFIX.fullmatch(text.lower().removeprefix(".")) else "Give the end of a host's name, for instance prod.example.net."


def _range(text: str) -> str:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return "Give an address or a range in CIDR form, for instance 203.0.113.0/24."
    return "" if network.prefixlen > 0 else "This allows every address there is. Give your own ranges."


_CHECKS: dict[str, Callable[[str], str]] = {"suffixes": _suffix, "ranges": _range, "terms": _words}


def _say(found: Problems, place: str, sentence: str) -> None:
    found.setdefault(place, []).append(sentence)
