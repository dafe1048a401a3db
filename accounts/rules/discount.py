"""What is entered about a colleague does not count for whoever gains by it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Discount:
    """Reads the roster as it is without what one person entered or may have, and without what was entered about others since a moment.

    `person` is whoever would gain (`User.person`, so all their accounts); `since` is when the question was first asked.
    """

    person: str
    since: datetime

    def counts(self, *, by: str | None, about: str, at: datetime) -> bool:
        """Whether an entry of `by` about `about`, made at `at`, is read. Of nobody known (`None`) it is not: it may be theirs."""
        if by is None or by == self.person:
            return False
        return by == about or at <= self.since
