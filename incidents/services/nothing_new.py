"""A draft that says that there is nothing new. It is prepared for people; it is never sent by itself."""

import logging
from datetime import datetime, timedelta

from accounts.actors import system
from core.errors import DomainError
from incidents.models import Incident, Update
from incidents.queries import current_decision, decision_value
from incidents.rules.content import Content
from incidents.rules.nothing_new import still_working
from incidents.rules.words import ON_ITS_WAY, UpdateKind, UpdateState
from incidents.services.drafting import audiences_for, policy_minutes
from incidents.services.start_update import VariantInput, start_update
from policies.rules.decision import Outcome

logger = logging.getLogger(__name__)
ACTOR = system("promises")


def prepare_nothing_new(incident: Incident, *, now: datetime) -> Update | None:
    """A draft for the promise that runs out, unless one is on its way. It goes through the same review as any other.

    It repeats the headline of the last release and says since when nothing is new; before any release it is the
    ordinary draft. None is made where the policy wants no updates or nobody would read it.
    """
    if incident.updates.filter(kind=UpdateKind.UPDATE, state__in=ON_ITS_WAY).exists():
        return None
    if decision_value(current_decision(incident)).outcome is Outcome.NONE or not audiences_for(incident):
        return None
    try:
        last = _last_released(incident)
        variants = _variants(incident, last, now) if last else None
        repeats = last if variants else None
        return start_update(actor=ACTOR, now=now, incident=incident, status=incident.status, variants=variants, repeats=repeats)
    except DomainError as error:
        # A draft is a help; without it the reminder still has to go.
        logger.warning("No draft was prepared for incident %s: %s", incident.public_id, error.message)
        return None


def _last_released(incident: Incident) -> Update | None:
    return incident.updates.filter(state=UpdateState.RELEASED).select_related("current").order_by("-released_at").first()


def _variants(incident: Incident, last: Update, now: datetime) -> list[VariantInput] | None:
    if last.current is None or last.released_at is None:
        return None
    said = last.current.parsed()
    chosen = [key for key in audiences_for(incident) if key in said.wording]
    minutes = policy_minutes(incident, incident.status, chosen, now)
    return _worded(said, chosen, since=last.released_at, minutes=minutes) or None


def _worded(said: Content, audiences: list[str], *, since: datetime, minutes: int | None) -> list[VariantInput]:
    return [
        VariantInput(
            audience=audience,
            title=wording.title,
            body=still_working(language=language, since=since, next_in=timedelta(minutes=minutes) if minutes else None),
            language=language,
        )
        for audience in audiences
        for language, wording in sorted(said.wording[audience].items())
    ]
