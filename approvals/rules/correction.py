"""The first words of a correction or retraction, made from what was released."""

from collections.abc import Mapping
from datetime import datetime

from incidents.rules.content import Content, Wording
from incidents.rules.content_edit import Variant
from incidents.rules.words import UpdateKind

LONGEST_TITLE = 200
TITLED: Mapping[str, str] = {UpdateKind.CORRECTION: "Correction", UpdateKind.RETRACTION: "Withdrawn"}
# Left for a person to fill in: nothing can be sent for review while it stands there.
GAPS: Mapping[UpdateKind, str] = {
    UpdateKind.CORRECTION: "[[fill in: what is right]]",
    UpdateKind.RETRACTION: "[[fill in: what is known now]]",
}
SAID: Mapping[UpdateKind, str] = {
    UpdateKind.CORRECTION: "We have to correct what we wrote on {at}:",
    UpdateKind.RETRACTION: "We take back what we wrote on {at}. Please disregard it:",
}
ENGLISH = "en"


def first_words(*, kind: UpdateKind, released: Content, at: datetime) -> tuple[Variant, ...]:
    """A variant for every audience and language that read the released words, quoting them, with a gap for what is right."""
    return tuple(
        _variant(kind, audience, language, wording, at)
        for audience, by_language in sorted(released.wording.items())
        for language, wording in sorted(by_language.items())
    )


def _variant(kind: UpdateKind, audience: str, language: str, wording: Wording, at: datetime) -> Variant:
    quote = "\n".join(f"> {line}".rstrip() for line in wording.body.strip().splitlines())
    # In another language the sentence around the quotation is a person's to write.
    said = SAID[kind].format(at=f"{at:%d %b %Y at %H:%M} UTC") if language == ENGLISH else ""
    body = "\n\n".join(part for part in (said, quote, GAPS[kind]) if part)
    title = f"{TITLED[kind]}: {wording.title}" if language == ENGLISH else wording.title
    return Variant(audience, title[:LONGEST_TITLE], body, language)
