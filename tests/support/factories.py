"""Things to test with, made by the services themselves: what a factory makes has its decision, its draft and its record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count

from accounts.actors import Actor, system
from catalogue.models import Component, ComponentGroup
from catalogue.rules.status import ComponentStatus
from catalogue.services import create_component, set_component_status
from incidents.models import Incident, Update
from incidents.rules.content_edit import ContentEdit
from incidents.rules.words import Category, Impact, Severity, Stage, Status
from incidents.services import open_incident, start_update
from incidents.services.start_update import VariantInput
from tests.support.cast import NOW

_numbers = count(1)

CUSTOMER_WORDS: VariantInput = {"audience": "customers", "title": "Checkout is failing", "body": "Some payments fail. We are on it."}
INTERNAL_WORDS: VariantInput = {"audience": "internal", "title": "Checkout errors", "body": "5xx above 5% since the last deploy."}


def make_component(
    *,
    key: str = "",
    name: str = "",
    group: ComponentGroup | None = None,
    is_public: bool = True,
    status: ComponentStatus = ComponentStatus.OPERATIONAL,
    now: datetime = NOW,
) -> Component:
    """A component with a name of its own."""
    key = key or f"component-{next(_numbers)}"
    component = create_component(
        actor=system("test"), now=now, key=key, name=name or key.replace("-", " ").capitalize(), group=group, is_public=is_public
    )
    if status is not ComponentStatus.OPERATIONAL:
        set_component_status(actor=system("test"), now=now, component=component, status=status)
        component.refresh_from_db()
    return component


def make_incident(
    *,
    actor: Actor | None = None,
    now: datetime = NOW,
    title: str = "Checkout answers with errors",
    severity: str = Severity.SEV1,
    impact: str = Impact.MAJOR,
    stage: str = Stage.CONFIRMED,
    category: str = Category.APPLICATION,
    customer_facing: bool = True,
    components: Iterable[Component | str] = (),
    restricted: bool = False,
    tags: Sequence[str] = (),
) -> Incident:
    """A confirmed SEV1 unless told otherwise; opened by the system unless an actor is given."""
    return open_incident(
        actor=actor or system("test"),
        now=now,
        title=title,
        severity=severity,
        impact=impact,
        stage=stage,
        category=category,
        customer_facing=customer_facing,
        components=components,
        restricted=restricted,
        tags=tags,
    )


def make_update(
    *,
    incident: Incident | None = None,
    actor: Actor | None = None,
    now: datetime = NOW,
    status: str = Status.INVESTIGATING,
    variants: Sequence[VariantInput] | None = (CUSTOMER_WORDS, INTERNAL_WORDS),
    edit: ContentEdit | None = None,
) -> Update:
    """A draft that is ready for review, on an incident of its own unless one is given; by the system unless an actor is."""
    return start_update(
        actor=actor or system("test"),
        now=now,
        incident=incident or make_incident(now=now),
        status=status,
        variants=variants,
        edit=edit,
    )
