"""What may stand on the public page, and who may be told of an incident at all."""

from collections.abc import Collection

from incidents.rules.content import Content, Wording
from incidents.rules.words import Stage

LANGUAGE = "en"
PAGE_CHANNEL = "page"


def incident_may_show(*, restricted: bool, stage: str, publishes_watching: bool) -> bool:
    """Whether wording about the incident may be shown: never while restricted, and before confirmation only by the policy's leave."""
    return not restricted and (stage == Stage.CONFIRMED or publishes_watching)


def hearing_of(named: Collection[str], *, internal: Collection[str], public: str | None, publishes_watching: bool) -> frozenset[str]:
    """Who hears of what is only watched: whom the rule names or else colleagues, and the public where the rule publishes it."""
    hearing = frozenset(named or internal)
    return hearing | {public} if publishes_watching and public is not None else hearing


def tellable(
    keys: Collection[str],
    *,
    known: Collection[str],
    outside: Collection[str],
    public: str | None,
    restricted: bool,
    stage: str,
    publishes_watching: bool,
    hearing: Collection[str],
) -> frozenset[str]:
    """Of these audiences, those that may be told of the incident now: what the release gate refuses about readers, in one place.

    `known` are the audiences there are, `outside` those bound to other things, `hearing` those that hear of what is only watched.
    """
    may = (frozenset(keys) & frozenset(known)) - frozenset(outside)
    if stage == Stage.WATCHING:
        may &= frozenset(hearing)
    shows = incident_may_show(restricted=restricted, stage=stage, publishes_watching=publishes_watching)
    return may if shows else may - {public}


def public_wording(content: Content, public_audience: str | None) -> Wording | None:
    """The wording for the public if the content is meant for the page, else nothing; English where there are several languages."""
    if public_audience is None or public_audience not in content.audiences or PAGE_CHANNEL not in content.channels:
        return None
    by_language = content.wording.get(public_audience, {})
    if not by_language:
        return None
    return by_language.get(LANGUAGE) or by_language[min(by_language)]
