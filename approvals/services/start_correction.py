"""Puts right, or takes back, something that was released."""

from datetime import datetime

from accounts.actors import Actor
from approvals.models import Release
from approvals.rules.correction import first_words
from approvals.services.locking import lock_update
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from incidents.models import Update
from incidents.rules.content_edit import ContentEdit
from incidents.rules.words import CORRECTING, UpdateKind
from incidents.services import start_update


def start_correction(*, actor: Actor, now: datetime, update_id: int, kind: str) -> Update:
    """The draft of a correction or retraction of a released update: for the same audiences, quoting what they read.

    It goes through review like any update, by people who had no hand in the wrong words either, and out to exactly those who were
    sent what it is about. One correction is on its way at a time. Raises `NotFound`, `Forbidden`, `Conflict` (not released, one
    is on its way), `InvalidInput` (another kind).
    """
    with unit_of_work(actor=actor.ref, now=now):
        if kind not in CORRECTING:
            raise InvalidInput("There is no such kind.", fields={"kind": ["Say correction or retraction."]})
        wrong = lock_update(actor=actor, update_id=update_id)
        release = Release.objects.select_related("revision").filter(update_of=wrong).first()
        if release is None:
            raise Conflict("Only what was released can be corrected. Edit the draft, or withdraw it.", code="not_released")
        content = release.revision.parsed()
        # Whoever had a hand in the wrong words counts in the correction: the database sees to it by whichever road it is started.
        return start_update(
            actor=actor,
            now=now,
            incident=wrong.incident,
            status=wrong.incident.status,
            kind=kind,
            corrects=wrong,
            edit=ContentEdit(
                variants=first_words(kind=UpdateKind(kind), released=content, at=release.released_at),
                channels=content.channels,
                next_update_minutes=None,
            ),
        )
