"""Lets approved holding statements out for an incident: no fresh round, because the approval covers their exact words."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from accounts.actors import Actor
from approvals.models import HoldingUse, Release
from approvals.queries.gate import releaser_to
from approvals.queries.holding import Filled, holding_plan
from approvals.rules.release import may_let_out
from approvals.services.refuse import refuse_if
from approvals.services.release_update import let_out
from audit.services import unit_of_work
from core.errors import InvalidInput, NotFound, StaleRevision
from incidents.models import Incident, UpdateRevision
from incidents.rules.content import ScheduleMode
from incidents.services import catch_up
from incidents.services.covered_update import start_covered_update
from incidents.services.locking import lock_with_components
from templates.models import HoldingStatement, HoldingStatementVersion
from templates.queries import approved_version

MOST_AT_ONCE = 20


def release_holding(*, actor: Actor, now: datetime, incident_id: int, statements: Sequence[str], seen: str) -> Release:
    """Releases the approved versions of these statements (public ids), filled in from the incident.

    `seen` is the plan's (`approvals.queries.holding`): what the person was shown. Decides everything again under the locks
    of components, incident and statements. Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` with every reason (an expired
    statement, the legal gate, an embargo, a hold, …), `StaleRevision` when what was shown is no longer what would go out
    (also after another release of the same incident meanwhile), `InvalidInput`.
    """
    with unit_of_work(actor=actor.ref, now=now):
        incident = _locked_incident(actor, incident_id)
        user = actor.require_person()
        versions = _locked(statements)
        catch_up(incident, now=now)
        plan = holding_plan(incident, versions, now)
        refuse_if(may_let_out(releaser_to(actor=actor, user=user, incident=incident, audiences=plan.content.audiences)))
        actor.require_step_up(now)
        refuse_if(plan.reasons)
        if plan.seen != seen:
            raise StaleRevision(
                "What would go out is not what you were shown: the incident, a statement or what was said meanwhile changed."
                " Read it again, then release."
            )
        update = start_covered_update(actor=actor, now=now, incident=incident, content=plan.content)
        if update.current is None:
            raise RuntimeError(f"Update {update.pk} has no revision.")
        uses = _keep_uses(update.current, plan.filled)
        return let_out(
            actor=actor,
            now=now,
            update=update,
            revision=update.current,
            mode=ScheduleMode.BY_HAND,
            released_by=user,
            uses=uses,
        )


def lock_incident(incident_id: int) -> Incident:
    """The incident, locked after its components: two people never release for one incident at the same moment."""
    return lock_with_components(incident_id)


def locked_statements(statements: QuerySet[HoldingStatement]) -> QuerySet[HoldingStatement]:
    """The rows, locked: no version is retired or approved while it goes out."""
    return statements.select_for_update(no_key=True)


def _locked_incident(actor: Actor, incident_id: int) -> Incident:
    """Looked for before and after the wait for the lock, in which it may become restricted. Raises `NotFound`."""
    visible = Incident.objects.visible_to(actor).filter(pk=incident_id)
    if not visible.exists():
        raise NotFound
    incident = lock_incident(incident_id)
    if not visible.exists():
        raise NotFound
    return incident


def _locked(public_ids: Sequence[str]) -> list[HoldingStatementVersion]:
    """The approved version of each statement, the statements' rows locked in one order."""
    wanted = list(dict.fromkeys(public_ids))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise InvalidInput("Choose the statements.", fields={"statements": [f"Choose 1 to {MOST_AT_ONCE} statements."]})
    rows = list(locked_statements(HoldingStatement.objects.filter(public_id__in=wanted)).order_by("pk"))
    found = [approved_version(statement) for statement in rows]
    versions = [version for version in found if version is not None]
    if len(versions) < len(wanted):
        raise InvalidInput(
            "Not every statement is approved.", fields={"statements": ["Choose approved statements; the incident's page lists them."]}
        )
    return versions


def _keep_uses(revision: UpdateRevision, filled: Sequence[Filled]) -> list[HoldingUse]:
    return HoldingUse.objects.bulk_create(
        HoldingUse(
            revision=revision,
            version=one.version,
            content_hash=one.version.content_hash,
            values=one.values,
            title=one.title,
            body=one.body,
        )
        for one in filled
    )
