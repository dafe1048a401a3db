"""What somebody answers to a text message: STOP ends it, START takes that back, HELP asks who we are."""

from datetime import datetime
from enum import StrEnum

from accounts.actors import Actor
from audit.services import unit_of_work
from notifications.services.provider_events import heard_first
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import ContactKind, SuppressionKind
from stakeholders.services.stop_writing import lift_suppression, suppress_contact_point


class Word(StrEnum):
    """What was meant."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"
    OTHER = ""


# https://help.twilio.com/articles/223134027: what Twilio itself takes for each.
_MEANT = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), Word.STOP),
    **dict.fromkeys(("START", "YES", "UNSTOP"), Word.START),
    **dict.fromkeys(("HELP", "INFO"), Word.HELP),
}


def word_in(text: str) -> Word:
    """The one word of the message, whatever its case; a sentence that merely holds it means something else."""
    return _MEANT.get(text.strip().strip(".!").upper(), Word.OTHER)


def take_word(*, actor: Actor, now: datetime, provider: str, event: str, number: str, word: Word) -> int:
    """Stops every entry of that number, or uses again what its reader had stopped; the same message again changes nothing.

    Returns how many entries were concerned. A number nobody wrote to is no error.
    """
    with unit_of_work(actor=actor.ref, now=now):
        if not heard_first(provider=provider, now=now, events=[event]):
            return 0
        entries = ContactPoint.objects.filter(kind=ContactKind.SMS, address=number)
        if word is Word.STOP:
            concerned = list(entries.filter(suppressed_at__isnull=True))
            for entry in concerned:
                suppress_contact_point(actor=actor, now=now, contact_point=entry, reason="its reader sent STOP", kind=SuppressionKind.STOP)
            return len(concerned)
        if word is Word.START:
            concerned = list(entries.filter(suppression_kind=SuppressionKind.STOP, removed_at__isnull=True))
            for entry in concerned:
                lift_suppression(actor=actor, now=now, contact_point=entry, reason="its reader sent START")
            return len(concerned)
        return 0
