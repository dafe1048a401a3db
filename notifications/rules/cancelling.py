"""What a person is told who cancelled what was being sent."""

from dataclasses import dataclass

LONGEST_REASON = 200


@dataclass(frozen=True)
class Cancelled:
    """`accepted` had been taken over, `stopped` are never sent, `in_flight` were with a worker at that moment and may still go.

    About `unplanned` more had not even been planned, and are not any more: an estimate where they are many.
    """

    accepted: int
    stopped: int
    in_flight: int
    unplanned: int = 0

    @property
    def words(self) -> str:
        """One sentence."""
        flight = f"at most {self.in_flight:,} in flight" if self.in_flight else "none in flight"
        never = f", about {self.unplanned:,} more never planned" if self.unplanned else ""
        return f"{self.accepted:,} accepted, {self.stopped:,} stopped, {flight}{never}."
