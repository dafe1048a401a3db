"""Opening an incident."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission, Role
from audit.services import unit_of_work
from catalogue.models import Component
from core.errors import InvalidInput
from core.events import publish
from incidents.events import IncidentOpened
from incidents.models import Incident, IncidentComponent
from incidents.queries import components_named
from incidents.rules.fields import incident_problems, tidy
from incidents.rules.words import Category, Status
from incidents.services.deciding import decide_again, derive_scope, settle_first_promise
from incidents.services.drafting import audiences_for
from incidents.services.grant_access import grant_to_those_responsible
from incidents.services.locking import lock_components
from incidents.services.start_update import start_update
from incidents.services.timeline import note
from policies.rules.decision import Outcome


def open_incident(
    *,
    actor: Actor,
    now: datetime,
    title: str,
    severity: str,
    impact: str,
    stage: str,
    category: str = Category.APPLICATION,
    customer_facing: bool = True,
    components: Iterable[Component | str] = (),
    restricted: bool = False,
    commander: User | None = None,
    tags: Sequence[str] = (),
    data_breach: bool = False,
    regulated_system: bool = False,
    regulatory_flags: Sequence[str] = (),
    jurisdictions: Sequence[str] = (),
) -> Incident:
    """A new incident: the policy decides, its promise runs, and a first draft stands ready where updates are due.

    `components` are components, or their public ids or keys. A commander who opens one commands it unless somebody else
    is named. Raises `InvalidInput` naming the fields at fault, `Forbidden` without the permission.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.INCIDENT_WRITE)
        if restricted:
            actor.require(Permission.INCIDENT_RESTRICT)
        title = title.strip()
        given = {"title": title, "severity": severity, "impact": impact, "stage": stage, "category": category}
        lists = {"tags": tags, "regulatory_flags": regulatory_flags, "jurisdictions": jurisdictions}
        if found := incident_problems({**given, **lists}):
            raise InvalidInput("Correct the fields named.", fields=found)
        kept = {name: tidy(values) for name, values in lists.items()}
        affected = components_named(components)
        lock_components(affected)
        if commander is None and actor.user is not None and Role.COMMANDER in actor.user.roles:
            commander = actor.user
        incident = Incident.objects.create(
            title=title,
            severity=severity,
            impact=impact,
            stage=stage,
            status=Status.INVESTIGATING,
            category=category,
            customer_facing=customer_facing,
            restricted=restricted,
            commander=commander,
            opened_by=actor.ref,
            opener=actor.user,
            title_by=actor.user,
            opened_at=now,
            data_breach=data_breach,
            regulated_system=regulated_system,
            **kept,
        )
        IncidentComponent.objects.bulk_create([IncidentComponent(incident=incident, component=component) for component in affected])
        if derive_scope(incident):
            incident.save(update_fields=["outage_scope"])
        work.record(
            "incident.opened",
            subject=f"incident:{incident.public_id}",
            body={
                **given,
                **kept,
                "data_breach": data_breach,
                "regulated_system": regulated_system,
                "customer_facing": customer_facing,
                "restricted": restricted,
                "components": [component.public_id for component in affected],
                "commander": str(commander.pk) if commander else "",
            },
        )
        if restricted:
            grant_to_those_responsible(work, incident, actor)
        note(incident, actor=actor, now=now, kind="opened", text=f"Opened as {severity}, {stage}: {title}")
        decision = decide_again(work, incident, cause="opened")
        settle_first_promise(incident, decision, now)
        if decision.outcome != Outcome.NONE and audiences_for(incident):
            start_update(actor=actor, now=now, incident=incident, status=Status.INVESTIGATING)
        publish(IncidentOpened(incident_id=incident.pk, actor=actor.ref, at=now))
        return incident
