"""A turn in the work on an incident."""

from datetime import datetime

from accounts.actors import Actor, ActorKind, system
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import InvalidInput, NotFound
from incidents.models import Incident, Milestone, Update
from incidents.queries import current_decision, decision_value, within_reach
from incidents.rules.milestones import DRAFTS, IN_WORDS
from incidents.rules.words import ON_ITS_WAY, MilestoneKind, MilestoneSource, Status, UpdateKind, may_move
from incidents.services.drafting import audiences_for
from incidents.services.start_update import start_update
from incidents.services.timeline import note
from policies.rules.decision import Outcome

LONGEST_NOTE = 300
SOURCES: dict[ActorKind, MilestoneSource] = {ActorKind.PERSON: MilestoneSource.PERSON, ActorKind.TOKEN: MilestoneSource.PROGRAM}


def record_milestone(
    *, actor: Actor, now: datetime, incident: Incident, kind: str, at: datetime | None = None, note_text: str = ""
) -> Milestone:
    """Records what was reached, by default just now, and starts the draft that it calls for. Nothing is published.

    No draft is started where one of that status is on its way, where the policy wants no updates, and once the incident
    is resolved. Raises `NotFound` for a hidden incident, `Forbidden`, `InvalidInput` naming the fields at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        locked = within_reach(actor).select_for_update(of=("self",), no_key=True).filter(pk=incident.pk).first()
        if locked is None:
            raise NotFound
        actor.require(Permission.INCIDENT_WRITE)
        reached = at or now
        if found := _problems(kind, reached, now, note_text):
            raise InvalidInput("Correct the fields named.", fields=found)
        known = MilestoneKind(kind)
        words = IN_WORDS[known] + (f": {note_text.strip()}" if note_text.strip() else "")
        note(locked, actor=actor, now=reached, kind="milestone", text=words, detail={"milestone": known.value})
        draft = _draft(locked, known, now)
        milestone = Milestone.objects.create(
            incident=locked,
            kind=known,
            at=reached,
            source=SOURCES.get(actor.kind, MilestoneSource.TOOL),
            note=note_text.strip(),
            by=actor.user,
            by_ref=actor.ref,
            recorded_at=now,
            draft=draft,
        )
        work.record(
            "incident.milestone",
            subject=f"incident:{locked.public_id}",
            body={
                "kind": known.value,
                "at": reached.isoformat(),
                "source": milestone.source,
                "note": milestone.note,
                "draft": draft.public_id if draft else "",
            },
        )
        return milestone


def _draft(incident: Incident, kind: MilestoneKind, now: datetime) -> Update | None:
    status = DRAFTS.get(kind)
    if status is None or incident.status == Status.RESOLVED or not may_move(incident.status, status):
        return None
    if decision_value(current_decision(incident)).outcome is Outcome.NONE or not audiences_for(incident):
        return None
    waiting = incident.updates.filter(kind=UpdateKind.UPDATE, state__in=ON_ITS_WAY, current__content__facts__status=status)
    if waiting.exists():
        return None
    # Made by the product: whoever presses the button has written nothing, and may still review, unless the title is theirs.
    return start_update(actor=system("milestones"), now=now, incident=incident, status=status)


def _problems(kind: str, at: datetime, now: datetime, note_text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if kind not in set(MilestoneKind):
        found["kind"] = [f"“{kind}” is not known; use one of {', '.join(MilestoneKind)}."]
    if at > now:
        found["at"] = ["Give a time that has passed, or none for now."]
    if len(note_text) > LONGEST_NOTE or not (note_text.isprintable() or not note_text):
        found["note"] = [f"One line of at most {LONGEST_NOTE} characters."]
    return found
