"""Stretches of time, half-open: a span holds its start and not its end, so that one follows another without overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Span:
    """From `start` until just before `end`, both aware and in UTC."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies in it."""
        return self.start <= at < self.end


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as there can be, in order; empty ones are dropped."""
    found: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def until_when(spans: Iterable[Span], at: datetime) -> datetime | None:
    """The end of the unbroken stretch around `at`, or `None` when `at` lies in none."""
    return next((span.end for span in merged(spans) if span.holds(at)), None)
