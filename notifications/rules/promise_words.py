"""What people are told about a promised update."""

from dataclasses import dataclass
from datetime import datetime

from incidents.rules.words import Step
from notifications.rules.escaping import plain
from notifications.rules.times import readers


@dataclass(frozen=True)
class Said:
    """Subject and Markdown body of a notice."""

    title: str
    body: str


CALLED: dict[Step, str] = {
    Step.BEFORE: "",
    Step.DUE: "",
    Step.AFTER: "Nothing has been released since.",
    Step.DEPUTY: "Nothing has been released since, so the deputies are asked too.",
    Step.MANAGER: "Nothing has been released since, so the manager on duty is asked too.",
}


def promise_words(
    *, step: Step, title: str, due_at: datetime, at: datetime, late: bool, snoozed: tuple[str, datetime, str] | None = None
) -> Said:
    """The notice of one step; `snoozed` is who last held the reminders back, until when, and why.

    A notice that comes late says so first, in subject and body.
    """
    when = readers(due_at)
    if step is Step.BEFORE:
        subject, first = "Update due soon", f"The next update on **{plain(title)}** is due {when}. A draft stands ready to be worded."
    else:
        subject, first = "Update overdue", f"The next update on **{plain(title)}** was due {when}."
    parts = [first, CALLED[step]]
    if snoozed is not None:
        who, until, reason = snoozed
        parts.append(f"{plain(who)} held the reminders back until {readers(until)}: {plain(reason)}")
    if late:
        parts.append(f"This notice is late: it is written at {readers(at)}, because nothing watched the clock when it was due.")
    return Said(f"{'Late notice: ' if late else ''}{subject}: {title}", "\n\n".join(part for part in parts if part))
