"""What one audience is told, as plain values: every channel words it in its own way."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.rules.states import MessageKind
from notifications.rules.times import in_words


@dataclass(frozen=True, slots=True)
class Told:
    """A message as one audience may read it. `body` is Markdown; `components` are (name, state in words); instants are aware.

    `update_kind` is empty but for a release; `corrects` is the message that a correction or retraction puts right.
    """

    kind: MessageKind
    message: str
    incident: str
    audience: str
    title: str
    body: str
    status: str
    impact: str
    components: tuple[tuple[str, str], ...]
    released_at: datetime | None
    next_due_at: datetime | None
    page_name: str
    link: str
    update_kind: str = ""
    corrects: str = ""

    @property
    def heading(self) -> str:
        """The title on one line."""
        return " ".join(self.title.split())

    @property
    def is_release(self) -> bool:
        """Whether it is an update for readers, not a note to a colleague."""
        return self.kind is MessageKind.RELEASE


def facts_of(told: Told, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What stands beside the words, name and value: of a release its facts, and when more follows."""
    facts = [("Status", told.status), ("Impact", told.impact), *told.components] if told.is_release else []
    if told.next_due_at:
        facts.append(("Next update by", in_words(told.next_due_at, zone)))
    return [(name, words) for name, words in facts if words]
