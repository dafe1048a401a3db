"""Which of an audience's languages the editor shows."""

from collections.abc import Mapping

from incidents.rules.content import Wording


def language_in(by_language: Mapping[str, Wording]) -> str:
    """The language the editor shows: English, else the first there is."""
    return "en" if "en" in by_language or not by_language else next(iter(by_language))
