"""Who has to hear that an incident is over: whoever waits for word of it."""

from collections.abc import Collection, Mapping

from approvals.rules.naming import listed


def not_told_of_the_end(
    *, readers: Collection[str], waiting: Collection[str], shown_on: str | None, tellable: Collection[str]
) -> frozenset[str]:
    """Audiences that an update which resolves the incident would leave waiting for ever.

    `waiting` were promised word and have read nothing since; `shown_on` is the public audience where it was told of the incident;
    `tellable` may be told of it at all.
    """
    wait = frozenset(waiting) | ({shown_on} if shown_on else frozenset())
    return (wait & frozenset(tellable)) - frozenset(readers)


def without_the_end(audiences: Collection[str], names: Mapping[str, str]) -> str:
    """The sentence about them, with its cure."""
    people = listed(audiences, names)
    why = f"This resolves the incident, and {people} would never hear of it: they were told of it and wait for word."
    return f"{why} Add the audience; a correction leaves the status as it was, and an update tells the end."
