"""Whether somebody's training is current. A course counts for as long as it says; practice keeps a course alive."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.rules.duties import Duty
from accounts.rules.spans import Span, merged

# A course counts for a year unless another date is given.
COURSE_LASTS = timedelta(days=365)
# Two practice verdicts within half a year keep training current, from the second one on.
PRACTICES_NEEDED = 2
PRACTICE_LASTS = timedelta(days=180)

# Being called as manager on duty takes no course: whoever answers the telephone then is better than nobody.
NEEDS_TRAINING = frozenset(Duty) - {Duty.MANAGER_ON_DUTY}


class Source(StrEnum):
    """Where the training came from."""

    COURSE = "course"
    PRACTICE = "practice"


@dataclass(frozen=True)
class Training:
    """One record: a course that counts until `valid_until`, or a verdict given in practice."""

    source: Source
    at: datetime
    valid_until: datetime


def current_spans(records: Iterable[Training]) -> tuple[Span, ...]:
    """When the training is current.

    While a course counts; and, for somebody who took a course before, for as long as the last two practice verdicts are
    both less than `PRACTICE_LASTS` old. Practice alone, without any course, makes nobody a reviewer.
    """
    known = sorted(records, key=lambda record: record.at)
    courses = [record for record in known if record.source is Source.COURSE]
    if not courses:
        return ()
    spans = [Span(record.at, record.valid_until) for record in courses]
    practices = [record.at for record in known if record.source is Source.PRACTICE]
    first = min(record.at for record in courses)
    for earlier, later in zip(practices, practices[PRACTICES_NEEDED - 1 :], strict=False):
        spans.append(Span(max(later, first), earlier + PRACTICE_LASTS))
    return merged(spans)


def what_is_wrong(spans: tuple[Span, ...], at: datetime, duty: Duty) -> str | None:
    """Why training does not let somebody act at `at`, in words; `None` when it does."""
    if duty not in NEEDS_TRAINING or any(span.holds(at) for span in spans):
        return None
    over = [span.end for span in spans if span.end <= at]
    if not over:
        return "has no training"
    ran_out = max(over)
    return f"training ran out on {ran_out.day} {ran_out:%B %Y}"
