"""What a scenario came to, and the rules it must keep."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """`planned`, `accepted`, `lost` and `doubled` are told by the far side's journal and by whom the scenario meant to reach.

    `lost`: meant, and neither accepted nor refused for good. `doubled`: accepted more often than once, each time too many counted.
    `ambiguous`: attempts of which the sender could not say how they ended; `retried` are those after which it tried again.
    `recovery_seconds`: from the last fault to the last letter's end. `broken`: in words, whatever else was not kept.
    """

    name: str
    planned: int
    accepted: int
    lost: int
    doubled: int
    ambiguous: int
    retried: int
    recovery_seconds: float
    broken: Sequence[str] = ()
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        return (
            f"fault {self.name} planned={self.planned} accepted={self.accepted} lost={self.lost} doubled={self.doubled} "
            f"ambiguous={self.ambiguous} recovery_s={self.recovery_seconds:.1f}"
        )

    @property
    def complaints(self) -> list[str]:
        """Every rule that was not kept; empty: it passed."""
        found = list(self.broken)
        if self.planned == 0:
            found.append("nobody was meant to be reached")
        if self.lost:
            found.append(f"{self.lost} letters were lost")
        if self.doubled > self.retried:
            found.append(f"{self.doubled} letters came twice, but only {self.retried} attempts were ambiguous and made again")
        return found


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of all does not exceed. Raises `ValueError` without any."""
    if not values:
        raise ValueError("nothing to take a percentile of")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 1000) // 1000) - 1)]
