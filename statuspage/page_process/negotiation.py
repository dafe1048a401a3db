"""Which encoding a reader wants, and whether it holds the answer already (RFC 9110)."""

import re
from functools import lru_cache

IDENTITY = "identity"
# Our order among those a reader likes equally well: the smallest first.
_OFFERED = ("br", "gzip", IDENTITY)
_LONGEST_HEADER = 1000
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@lru_cache(maxsize=512)
def preferred_encodings(accept_encoding: str | None) -> tuple[str, ...]:
    """Encodings to try, best first, for an Accept-Encoding value (RFC 9110, 12.5.3).

    ``identity`` always ends the list, even where the reader refuses it: an answer it may not want beats none.
    """
    if not accept_encoding or len(accept_encoding) > _LONGEST_HEADER:
        return (IDENTITY,)
    weights: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        name, _, parameters = item.partition(";")
        weights[name.strip().replace("x-gzip", "gzip")] = _weight(parameters)
    anything = weights.get("*", 0.0)
    # Identity is acceptable unless refused; unnamed it ranks behind every encoding that is named.
    wanted = {name: weights.get(name, anything) for name in _OFFERED[:-1]}
    wanted[IDENTITY] = weights.get(IDENTITY, 0.0001)
    ranked = sorted((name for name in _OFFERED if wanted[name] > 0), key=lambda name: -wanted[name])
    return tuple(ranked) if IDENTITY in ranked else (*ranked, IDENTITY)


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            value = value.strip()
            return float(value) if _WEIGHT.fullmatch(value) else 0.0
    return 1.0


def holds(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match value names `etag`, by the weak comparison RFC 9110, 13.1.2 asks for."""
    if if_none_match.strip() == "*":
        return True
    return any(candidate.strip().removeprefix("W/") == etag for candidate in if_none_match.split(","))
