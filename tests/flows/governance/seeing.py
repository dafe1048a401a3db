"""Contents of the product as the model's words, and the other way round."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incidents.rules.content import Content, ScheduleMode, Wording
from tests.flows.governance.model_rows import GAP, Words

UNFILLED = "[[fill in:"


@dataclass(frozen=True)
class Seen:
    """One update as a world has it."""

    state: str
    words: Words
    out: Words | None


def content_of(words: Words, old: Content) -> Content:
    """`old` with these words, channels and schedule; facts and promise stay."""
    wording = {"internal": {"en": Wording("Checkout errors", words.inside)}}
    if words.said:
        wording["customers"] = {"en": Wording("Checkout is failing", " ".join(words.said))}
    return replace(
        old,
        wording=wording,
        audiences=tuple(sorted(wording)),
        channels=words.channels,
        schedule_mode=ScheduleMode(words.mode),
        schedule_at=words.at.isoformat() if words.at else None,
    )


def words_of(content: dict[str, Any]) -> Words:
    """What a stored content says. Sentences end with a full stop and a blank; of a correction not written yet only the gap counts."""
    body = content["wording"].get("customers", {}).get("en", {}).get("body", "")
    inside = content["wording"]["internal"]["en"]["body"]
    said = (GAP,) if UNFILLED in body else tuple(re.split(r"(?<=\.) ", body)) if body else ()
    reach = content["reach"]
    at = reach["schedule"]["at"]
    return Words(
        said,
        tuple(reach["channels"]),
        reach["schedule"]["mode"],
        datetime.fromisoformat(at) if at else None,
        GAP if UNFILLED in inside else inside,
    )
