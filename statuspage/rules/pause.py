"""When to look again at what is kept off the page."""

from datetime import timedelta

FIRST = timedelta(seconds=5)
# Also how late the page shows what only time or another policy lets go: a change of the incident or of its holds is looked at at once.
LONGEST = timedelta(minutes=1)


def pause_after(looks: int) -> timedelta:
    """How long to wait after that many looks in vain, the last one counted: each time twice as long, up to the longest."""
    return min(FIRST * (1 << min(max(looks, 1) - 1, 10)), LONGEST)
