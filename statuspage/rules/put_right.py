"""Saying in plain text that an update was corrected or taken back, for readers of feeds and of the API who see no mark."""

import datetime as dt

from statuspage.rules.record import UpdateRecord


def body_said(update: UpdateRecord) -> str:
    """The body as Markdown, with one sentence before it where the update was put right since; what was said stays readable."""
    if update.put_right is None:
        return update.body
    did = "Taken back" if update.put_right.kind == "retraction" else "Corrected"
    at = update.put_right.at.astimezone(dt.UTC)
    where = ": see the newer update" if update.put_right.code else ""
    return f"[{did} at {at:%H:%M} UTC on {at.day} {at:%b %Y}{where}.]\n\n{update.body}"
