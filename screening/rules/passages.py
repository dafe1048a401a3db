"""A text with its findings, in pieces: for pages that mark the passages."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from screening.rules.findings import Finding, Severity

_GRAVEST_FIRST = (Severity.BLOCK, Severity.WARN, Severity.HINT)


@dataclass(frozen=True)
class Piece:
    """A stretch of the text; `severity` is that of the gravest finding over it, empty where there is none."""

    text: str
    severity: str = ""


def pieces(text: str, findings: Sequence[Finding]) -> list[Piece]:
    """The whole text in order; findings may overlap."""
    edges = sorted({0, len(text), *(edge for one in findings for edge in (one.start, one.end) if 0 <= edge <= len(text))})
    found: list[Piece] = []
    for start, end in pairwise(edges):
        over = {one.severity for one in findings if one.start <= start and end <= one.end}
        found.append(Piece(text[start:end], next((severity for severity in _GRAVEST_FIRST if severity in over), "")))
    return found
