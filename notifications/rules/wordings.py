"""The words each audience is sent."""

from incidents.rules.content import Content, Wording

LANGUAGE = "en"


def worded(content: Content) -> dict[str, Wording]:
    """The wording of each audience: English, else its first language, as the public page chooses."""
    return {key: by_language.get(LANGUAGE) or by_language[min(by_language)] for key, by_language in content.wording.items() if by_language}


def wordings_of(content: Content) -> dict[str, dict[str, str]]:
    """The same as a message keeps it: `{audience key: {"title", "body"}}`."""
    return {key: {"title": wording.title, "body": wording.body} for key, wording in worded(content).items()}
