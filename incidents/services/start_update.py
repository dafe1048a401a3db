"""Starting an update."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NotRequired, TypedDict
from uuid import UUID

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput, NotFound
from incidents.models import Incident, Update, UpdateContributor
from incidents.queries import correction_on_its_way, untold_of_the_end, within_reach
from incidents.queries.hearing import may_hear
from incidents.rules.content import ComponentState
from incidents.rules.content_edit import KEEP, ContentEdit, Variant
from incidents.rules.words import CORRECTING, Status, UpdateKind, UpdateState, may_move
from incidents.services.drafting import first_content, renders_title
from incidents.services.revising import add_revision, require_promise, require_storable
from incidents.services.timeline import note

_DRAFTED: dict[UpdateKind, str] = {
    UpdateKind.UPDATE: "Draft started: {}",
    UpdateKind.CORRECTION: "Correction started: {}",
    UpdateKind.RETRACTION: "Retraction started: {}",
    UpdateKind.DRILL: "Drill started, for practice only: {}",
}


class VariantInput(TypedDict):
    """Wording as the API and pages give it."""

    audience: str
    title: str
    body: str
    language: NotRequired[str]


def start_update(
    *,
    actor: Actor,
    now: datetime,
    incident: Incident,
    status: str,
    variants: Sequence[VariantInput] | None = None,
    edit: ContentEdit | None = None,
    kind: str = UpdateKind.UPDATE,
    corrects: Update | None = None,
    repeats: Collection[Update] = (),
    filled_in: Collection[str] = (),
) -> Update:
    """A draft with its first revision: the words given, or else those of the templates; `edit` changes further parts.

    A correction or retraction names the released update of the same incident that it `corrects`, one at a time; the database
    counts the authors of that one as its contributors. So do those of the ones whose words it `repeats`, and whoever wrote the
    incident's title where a template is filled in with it; `filled_in` are audiences whose words given come from one.
    A drill is for practice and can never be released. Raises `NotFound` for a hidden incident, `Conflict` when the incident cannot
    take that status or a correction is on its way, `InvalidInput` naming the fields at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        if corrects is not None:
            # Before the incident, as everyone who locks both does.
            corrects = Update.objects.select_for_update(of=("self",), no_key=True).get(pk=corrects.pk)
        locked = within_reach(actor).select_for_update(of=("self",), no_key=True).filter(pk=incident.pk).first()
        if locked is None:
            raise NotFound
        actor.require(Permission.UPDATE_WRITE)
        if status not in set(Status):
            raise InvalidInput("Correct the fields named.", fields={"status": [f"Use one of {', '.join(Status)}."]})
        _require_kind(locked, kind, corrects)
        require_move(locked, status, kind=kind)
        content = first_content(locked, Status(status), now, late_for=_late_for(locked) if kind == UpdateKind.UPDATE else ())
        if kind in CORRECTING:
            content = replace(content, components=_as_shown(locked))
        if variants is not None:
            content = ContentEdit(variants=tuple(Variant(**variant) for variant in variants)).apply(content)
        content = (edit or ContentEdit()).apply(content)
        require_storable(content)
        require_promise(locked, content, now, kind=kind)
        update = Update.objects.create(incident=locked, kind=kind, corrects=corrects, created_by=actor.ref, created_at=now)
        work.record(
            "update.started",
            subject=f"update:{update.public_id}",
            body={
                "incident": locked.public_id,
                "status": status,
                "from_template": variants is None,
                "kind": str(kind),
                "corrects": corrects.public_id if corrects else "",
            },
        )
        if kind in CORRECTING:
            # What a correction moves is what differs from its first revision, also where it is begun with that.
            shown = replace(content, status=locked.status, impact=locked.impact, components=_as_shown(locked))
            if shown.hash() != content.hash():
                add_revision(work, actor=actor, update=update, content=shown)
        add_revision(work, actor=actor, update=update, content=content)
        templates_speak = variants is None and (edit is None or edit.variants is KEEP)
        spoken = content.wording if templates_speak else filled_in
        titled = bool(spoken) and renders_title(locked, Status(status), spoken)
        _count_who_wrote(update, {locked.title_by_id} if titled else set(), repeats, now)
        note(
            locked, actor=actor, now=now, kind="draft", text=_DRAFTED[UpdateKind(kind)].format(status), detail={"update": update.public_id}
        )
        return update


def _as_shown(incident: Incident) -> tuple[ComponentState, ...]:
    """The components as they are: a correction moves none unless somebody writes so."""
    return tuple(ComponentState(component.public_id, component.status) for component in incident.components.all())


def _count_who_wrote(update: Update, titled: set[UUID | None], repeats: Collection[Update], now: datetime) -> None:
    """People whose words the product put into the draft review it no more than if they had written at it."""
    wrote = set(UpdateContributor.objects.filter(update_of__in=repeats).values_list("user", flat=True)) if repeats else set()
    rows = [UpdateContributor(update_of=update, user_id=user, since=now) for user in titled | wrote if user is not None]
    UpdateContributor.objects.bulk_create(rows, ignore_conflicts=True)


def require_move(incident: Incident, status: str, *, kind: str = UpdateKind.UPDATE, readers: Collection[str] | None = None) -> None:
    """Raises `Conflict` with what `move_problem` says."""
    if said := move_problem(incident, status, kind=kind, readers=readers):
        raise Conflict(said, code="illegal_move")


def move_problem(incident: Incident, status: str, *, kind: str = UpdateKind.UPDATE, readers: Collection[str] | None = None) -> str:
    """Why the incident cannot be reported as `status`; empty when it can.

    What was said of a resolved one can still be put right, and whoever was told of it and not of its end can still be told:
    `readers` are the audiences that shall read it, where they are known: nobody hears it twice.
    """
    if may_move(incident.status, status):
        return ""
    if status == incident.status and (kind in CORRECTING | {UpdateKind.DRILL} or _wait_for_the_end(incident, readers)):
        return ""
    return f"The incident is {incident.status}, which is final: it cannot become {status}. Open a new incident if it is back."


def _wait_for_the_end(incident: Incident, readers: Collection[str] | None) -> bool:
    waiting = untold_of_the_end(incident)
    return bool(waiting) and (readers is None or (bool(readers) and waiting.issuperset(readers)))


def _late_for(incident: Incident) -> frozenset[str]:
    """Who is still to hear that the incident is over: those who may, or all where none may now."""
    waiting = untold_of_the_end(incident)
    return may_hear(incident, waiting) or waiting


def _require_kind(incident: Incident, kind: str, corrects: Update | None) -> None:
    if kind not in set(UpdateKind):
        raise InvalidInput("Correct the fields named.", fields={"kind": [f"Use one of {', '.join(UpdateKind)}."]})
    if (kind in CORRECTING) != (corrects is not None):
        said = (
            "Name the released update that it is about."
            if corrects is None
            else f"Only a correction or retraction is about another update, not a {kind}."
        )
        raise InvalidInput("Correct the fields named.", fields={"corrects": [said]})
    if corrects is not None and (corrects.incident_id != incident.pk or corrects.state != UpdateState.RELEASED):
        raise InvalidInput("Correct the fields named.", fields={"corrects": ["Name an update that this incident has released."]})
    if corrects is not None and correction_on_its_way(corrects):
        raise Conflict("A correction of this update is on its way already. Go on with that one.", code="correction_open")
