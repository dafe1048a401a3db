"""A filter in plain words, and which of its parts make somebody belong."""

from collections.abc import Mapping, Sequence

from stakeholders.rules.filters import AllOf, AnyOf, Entry, Filter, Not, Test, holds

_IN = {"tier": "the tier is {}", "kind": "it is {}", "region": "the region is {}", "language": "the language is {}"}
_EMPTY = {
    "tier": ("it has no tier", "it has a tier"),
    "region": ("no region is named", "a region is named"),
    "component": ("it depends on no component", "it depends on some component"),
    "tag": ("it has no tag", "it has some tag"),
}
_ARTICLES = {
    "person": "a person",
    "team": "a team",
    "organisation": "an organisation",
    "regulator": "a regulator",
    "customer": "a customer",
}


def in_words(condition: Filter, names: Mapping[str, str] | None = None) -> str:
    """The filter as a phrase that follows *everyone of whom this holds:*. `names` are those of components by their keys."""
    if isinstance(condition, Test):
        return _test(condition, names or {})
    if isinstance(condition, Not):
        inner = condition.part
        if isinstance(inner, AnyOf):
            return f"none of these holds: {'; '.join(_nested(part, names) for part in inner.parts)}"
        return f"it is not so that {_nested(inner, names)}"
    return (" and " if isinstance(condition, AllOf) else " or ").join(_nested(part, names) for part in condition.parts)


def why(condition: Filter, entry: Entry, names: Mapping[str, str] | None = None) -> list[str]:
    """What of the filter holds for the entry and so makes it belong, each in words; empty where it does not belong.

    Of *any* only the parts that hold are named, of *all* every one.
    """
    if not holds(condition, entry):
        return []
    if isinstance(condition, AllOf | AnyOf):
        return [reason for part in condition.parts for reason in why(part, entry, names)]
    return [in_words(condition, names)]


def why_not(condition: Filter, entry: Entry, names: Mapping[str, str] | None = None) -> list[str]:
    """What of the filter does not hold for the entry; empty where it belongs."""
    if holds(condition, entry):
        return []
    if isinstance(condition, AllOf):
        return [reason for part in condition.parts for reason in why_not(part, entry, names)]
    if isinstance(condition, Not):
        return [f"it is left out because {_nested(condition.part, names)}"]
    return [f"it does not hold that {_nested(condition, names)}"]


def _test(test: Test, names: Mapping[str, str]) -> str:
    if isinstance(test.value, bool):
        return _EMPTY[test.fact][0 if test.value else 1]
    words = [_word(test.fact, word, names) for word in test.value]
    if test.fact == "component":
        return f"it depends on {joined(words, 'or' if test.op == 'includes_any' else 'and')}"
    if test.fact == "tag":
        return f"it is tagged {joined(words, 'or' if test.op == 'includes_any' else 'and')}"
    if test.op == "in":
        return _IN[test.fact].format(joined(words, "or"))
    return _IN[test.fact].format(f"{'neither ' if len(words) > 1 else 'not '}{joined(words, 'nor')}")


def _word(fact: str, word: str, names: Mapping[str, str]) -> str:
    return _ARTICLES[word] if fact == "kind" else names.get(word, word) if fact == "component" else word


def _nested(condition: Filter, names: Mapping[str, str] | None) -> str:
    words = in_words(condition, names)
    return words if isinstance(condition, Test) or (isinstance(condition, AllOf | AnyOf) and len(condition.parts) < 2) else f"({words})"


def joined(words: Sequence[str], last: str) -> str:
    """For instance *a, b and c*."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
