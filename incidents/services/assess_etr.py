"""When the engineers expect an incident to be over."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.events import publish
from incidents.events import IncidentChanged
from incidents.models import EtrAssessment, Incident
from incidents.queries import within_reach
from incidents.rules.words import Confidence, Status
from incidents.services.deciding import decide_again, settle_first_promise
from incidents.services.timeline import note

LONGEST_NOTE = 300
FURTHEST = timedelta(days=30)
# Without a word of its own an assessment counts until an hour after the time it gives.
GRACE = timedelta(hours=1)


def assess_etr(
    *,
    actor: Actor,
    now: datetime,
    incident: Incident,
    expected_at: datetime | None,
    confidence: str = Confidence.MEDIUM,
    note_text: str = "",
    expires_at: datetime | None = None,
) -> EtrAssessment:
    """A new assessment in place of the one before; no time takes that one back. The policy decides again.

    Raises `NotFound` for a hidden incident, `Forbidden` (also to tools: a person assesses), `Conflict` once resolved,
    `InvalidInput` naming the fields at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        locked = within_reach(actor).select_for_update(of=("self",), no_key=True).filter(pk=incident.pk).first()
        if locked is None:
            raise NotFound
        actor.require(Permission.INCIDENT_WRITE)
        if actor.user is None:
            raise Forbidden("Only a person assesses when it will be over.")
        if locked.status == Status.RESOLVED:
            raise Conflict("The incident is resolved; nothing is expected any more.", code="incident_resolved")
        ends = expires_at or max(expected_at or now, now) + GRACE
        if found := _problems(now, expected_at, confidence, note_text, ends):
            raise InvalidInput("Correct the fields named.", fields=found)
        assessment = EtrAssessment.objects.create(
            incident=locked,
            expected_at=expected_at,
            confidence=confidence,
            engineer=actor.user,
            note=note_text.strip(),
            assessed_at=now,
            expires_at=ends,
        )
        locked.version += 1
        locked.save(update_fields=["version"])
        work.record(
            "incident.assessed",
            subject=f"incident:{locked.public_id}",
            body={
                "expected_at": expected_at.isoformat() if expected_at else "",
                "confidence": str(confidence),
                "expires_at": ends.isoformat(),
                "note": assessment.note,
            },
        )
        words = f"expected to be over by {expected_at:%Y-%m-%d %H:%M} UTC" if expected_at else "no longer expected at a known time"
        note(
            locked,
            actor=actor,
            now=now,
            kind="changed",
            text=f"{words[0].upper()}{words[1:]}" + (f" ({confidence} confidence)" if expected_at else ""),
        )
        settle_first_promise(locked, decide_again(work, locked, cause=words, assessed=True), now)
        publish(IncidentChanged(incident_id=locked.pk, fields=("etr",), actor=actor.ref, at=now))
        return assessment


def _problems(now: datetime, expected_at: datetime | None, confidence: str, note_text: str, ends: datetime) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if expected_at is not None and not now < expected_at <= now + FURTHEST:
        found["expected_at"] = [f"Give a time to come, at most {FURTHEST.days} days from now."]
    if ends <= now or ends > now + 2 * FURTHEST:
        found["expires_at"] = ["Give a time to come, not later than sixty days from now."]
    if confidence not in set(Confidence):
        found["confidence"] = [f"Use one of {', '.join(Confidence)}."]
    if len(note_text) > LONGEST_NOTE or "\x00" in note_text:
        found["note"] = [f"At most {LONGEST_NOTE} characters."]
    return found
