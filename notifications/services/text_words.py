"""What somebody answers to a text message: STOP ends it, START takes that back, HELP asks who we are."""

from datetime import datetime
from enum import StrEnum

from accounts.actors import Actor
from audit.services import unit_of_work
from notifications.services.provider_events import heard_first
from stakeholders.rules.kinds import ContactKind, SuppressionKind
from stakeholders.services.stopped_addresses import stop_address, take_back_stop


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
    """Stops that number for every entry that has it or will have it, or takes that back; the same message again changes nothing.

    Returns how many entries were concerned. A number that no entry has is remembered.
    """
    with unit_of_work(actor=actor.ref, now=now):
        if not heard_first(provider=provider, now=now, events=[event]):
            return 0
        if word is Word.STOP:
            because, reason = SuppressionKind.STOP, "its reader sent STOP"
            return len(stop_address(actor=actor, now=now, kind=ContactKind.SMS, address=number, because=because, reason=reason))
        if word is Word.START:
            return len(take_back_stop(actor=actor, now=now, kind=ContactKind.SMS, address=number, reason="its reader sent START"))
        return 0
