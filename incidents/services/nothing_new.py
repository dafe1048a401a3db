"""A draft that says that there is nothing new. It is prepared for people; it is never sent by itself."""

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from accounts.actors import system
from core.errors import DomainError
from incidents.models import Incident, Update, UpdatePromise
from incidents.queries import current_decision, decision_value
from incidents.queries.hearing import may_hear
from incidents.rules.content_edit import ContentEdit
from incidents.rules.nothing_new import still_working
from incidents.rules.words import ON_ITS_WAY, Status, UpdateKind, UpdateState
from incidents.services.drafting import audiences_for, policy_minutes, template_words
from incidents.services.start_update import VariantInput, start_update
from policies.rules.decision import Outcome

logger = logging.getLogger(__name__)
ACTOR = system("promises")


def prepare_nothing_new(incident: Incident, promise: UpdatePromise, *, now: datetime) -> Update | None:
    """A draft for those who wait for this promise and may be told, unless one on its way is for some of them. It goes through the
    same review as any other.

    To each audience it repeats the headline that it read last and says since when nothing is new; one that has read
    nothing gets the words of its template. None is made where the policy wants no updates or nobody would read it.
    """
    if decision_value(current_decision(incident)).outcome is Outcome.NONE:
        return None
    readers = _readers(incident, promise)
    if not readers or readers & _on_its_way(incident):
        return None
    try:
        read = _last_read(incident, readers)
        unread = readers - read.keys()
        minutes = policy_minutes(incident, incident.status, readers, now)
        return start_update(
            actor=ACTOR,
            now=now,
            incident=incident,
            status=incident.status,
            variants=[*_repeated(read, minutes), *_from_templates(incident, unread, minutes)],
            edit=ContentEdit(next_update_minutes=minutes),
            repeats=list({update.pk: update for update in read.values()}.values()),
            filled_in=unread,
        )
    except DomainError as error:
        # A draft is a help; without it the reminder still has to go.
        logger.warning("No draft was prepared for incident %s: %s", incident.public_id, error.message)
        return None


def _readers(incident: Incident, promise: UpdatePromise) -> frozenset[str]:
    """Who waits for it and may be told; whom the policy means where nobody was named."""
    return may_hear(incident, promise.untold) if promise.audiences else frozenset(audiences_for(incident))


def _on_its_way(incident: Incident) -> frozenset[str]:
    """Whom ordinary updates are for that are neither released nor withdrawn."""
    drafts = incident.updates.filter(kind=UpdateKind.UPDATE, state__in=ON_ITS_WAY).select_related("current")
    return frozenset(key for update in drafts if update.current for key in update.current.parsed().audiences)


def _last_read(incident: Incident, readers: Collection[str]) -> dict[str, Update]:
    """By audience the last release that it read and that still stands: neither a retraction nor what one took back."""
    released = incident.updates.filter(state=UpdateState.RELEASED).select_related("current").order_by("released_at", "pk")
    taken_back = {update.corrects_id for update in released if update.kind == UpdateKind.RETRACTION}
    standing = [update for update in released if update.kind != UpdateKind.RETRACTION and update.pk not in taken_back and update.current]
    return {key: update for update in standing if update.current for key in update.current.parsed().wording if key in readers}


def _repeated(read: Mapping[str, Update], minutes: int | None) -> Iterable[VariantInput]:
    for audience, update in sorted(read.items()):
        if update.current is None or update.released_at is None:
            raise RuntimeError(f"Update {update.pk} is released without words or time.")
        for language, wording in sorted(update.current.parsed().wording[audience].items()):
            next_in = timedelta(minutes=minutes) if minutes else None
            body = still_working(language=language, since=update.released_at, next_in=next_in)
            yield VariantInput(audience=audience, title=wording.title, body=body, language=language)


def _from_templates(incident: Incident, unread: Collection[str], minutes: int | None) -> Iterable[VariantInput]:
    for variant in template_words(incident, Status(incident.status), sorted(unread), minutes):
        yield VariantInput(audience=variant.audience, title=variant.title, body=variant.body, language=variant.language)
