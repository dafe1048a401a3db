"""What may stand on the public page."""

from incidents.rules.content import Content, Wording
from incidents.rules.words import Stage

LANGUAGE = "en"
PAGE_CHANNEL = "page"


def incident_may_show(*, restricted: bool, stage: str, publishes_watching: bool) -> bool:
    """Whether wording about the incident may be shown: never while restricted, and before confirmation only by the policy's leave."""
    return not restricted and (stage == Stage.CONFIRMED or publishes_watching)


def public_wording(content: Content, public_audience: str | None) -> Wording | None:
    """The wording for the public if the content is meant for the page, else nothing; English where there are several languages."""
    if public_audience is None or public_audience not in content.audiences or PAGE_CHANNEL not in content.channels:
        return None
    by_language = content.wording.get(public_audience, {})
    if not by_language:
        return None
    return by_language.get(LANGUAGE) or by_language[min(by_language)]
