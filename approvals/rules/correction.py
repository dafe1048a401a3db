"""A correction or retraction: its first words, made from what was released, and whom it has to reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from approvals.rules.naming import listed
from incidents.rules.content import Content, Wording
from incidents.rules.content_edit import Variant
from incidents.rules.words import UpdateKind
from stakeholders.rules.channel_words import CHANNEL_WORDS

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


@dataclass(frozen=True)
class Owed:
    """Whom the wrong words reached: the audiences' names by their keys, and the channels."""

    audiences: Mapping[str, str]
    channels: frozenset[str]

    def in_words(self) -> str:
        """For instance `Customers, Staff by e-mail, public page`."""
        return f"{listed(self.audiences, self.audiences)} by {listed(self.channels, CHANNEL_WORDS)}"


def scope_that_binds(outside: Mapping[str, str], owed: Owed | None) -> dict[str, str]:
    """Of the audiences outside their scope those that stay out: whoever got the wrong words is owed what puts them right."""
    return {key: why for key, why in outside.items() if owed is None or key not in owed.audiences}


def left_out(content: Content, owed: Owed | None) -> dict[str, str]:
    """Sentences by field (audiences, channels) for whom the wrong words reached and the correction does not; empty for none."""
    if owed is None:
        return {}
    people = listed(owed.audiences.keys() - frozenset(content.audiences), owed.audiences)
    channels = listed(owed.channels - frozenset(content.channels), CHANNEL_WORDS)
    found = {}
    if people:
        found["audiences"] = f"{people} got the words that this puts right, and would not get what puts them right. Add the audience."
    if channels:
        found["channels"] = f"The words that this puts right went out by {channels}, and it does not. Add the channel."
    return found


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
