"""Who has to hear that an incident is over: whoever waits for word of it; and what may be said once it is."""

from collections.abc import Collection, Mapping

from approvals.rules.naming import listed


def not_told_of_the_end(
    *, readers: Collection[str], waiting: Collection[str], shown_on: str | None, tellable: Collection[str]
) -> frozenset[str]:
    """Audiences that an update which resolves the incident would leave waiting for ever.

    `waiting` were promised word, by an update or by the policy, and have read nothing since; `shown_on` is the public audience
    where it was told of the incident; `tellable` may be told of it at all.
    """
    wait = frozenset(waiting) | ({shown_on} if shown_on else frozenset())
    return (wait & frozenset(tellable)) - frozenset(readers)


def without_the_end(audiences: Collection[str], names: Mapping[str, str]) -> str:
    """The sentence about them, with its cure."""
    people = listed(audiences, names)
    why = f"This resolves the incident, and {people} would never hear of it: they were told of it or wait for word."
    return f"{why} Add the audience; a correction leaves the status as it was, and an update tells the end."


def said_late(*, readers: Collection[str], untold: Collection[str], impact: str, stands: str, names: Mapping[str, str]) -> dict[str, str]:
    """Sentences by field about words that tell late that the incident is over, and do more than that; empty for none.

    `untold` were told of the incident and not of its end: whoever is none of them heard so, or never heard of it. `impact` is what
    the words say, `stands` the incident's.
    """
    found = {}
    if others := frozenset(readers) - frozenset(untold):
        missed = f"This tells late that it is over, to {listed(untold, names)}"
        found["audiences"] = f"The incident is resolved. {missed}, not to {listed(others, names)}. Take that audience out."
    if impact != stands:
        found["impact"] = f"The incident is resolved, and its impact stays {stands}. Say that, or correct the update that said so."
    return found
