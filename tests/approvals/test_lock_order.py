"""Releases and changes of components that meet, over two real connections: first with the incident locked alone, where they deadlock.

Then in the one order, components before incidents (docs/decisions/0022): one waits for the other, and both are done.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from accounts.actors import system
from approvals.models import Release
from approvals.services import start_correction
from catalogue.models import Component
from catalogue.services import set_component_status
from core.errors import Busy
from incidents.models import Incident, Update
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.services import revise_update
from tests.approvals.acts import approve, approved, ask, number, release
from tests.approvals.disputing import LATER, half_reviewed, override
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident
from tests.support.holding import approved_statement, let_out_holding, seen_of
from tests.support.meeting import Meeting, Person, meet_after

pytestmark = pytest.mark.django_db(transaction=True)

HOLDING = sys.modules["approvals.services.release_holding"]
RELEASE = sys.modules["approvals.services.release_update"]
OVERRIDE = sys.modules["approvals.services.override_release"]
RECONSIDER = sys.modules["incidents.services.reconsider"]

Act = Callable[[], object]
Ready = Callable[[Cast, Component], Act]


def holding(cast: Cast, component: Component) -> Act:
    """A holding statement for an incident of its own that affects the component."""
    version = approved_statement(cast, key=f"statement-{Incident.objects.count()}")
    incident = make_incident(actor=cast.actor("commander"), components=[component])
    seen = seen_of(incident, version)
    return lambda: let_out_holding(cast, incident, version, seen=seen)


def ordinary(cast: Cast, component: Component) -> Act:
    update = approved(cast, components=[component])
    return lambda: release(cast, update)


def by_override(cast: Cast, component: Component) -> Act:
    update = half_reviewed(cast, components=[component])
    return lambda: override(cast, update)


def correction(cast: Cast, component: Component) -> Act:
    wrong = approved(cast, components=[component])
    release(cast, wrong)
    made = start_correction(actor=cast.actor("commander"), now=NOW, update_id=wrong.pk, kind="correction")
    put_right(cast, made)
    ask(cast, made)
    approve(cast, made)
    return lambda: release(cast, made)


def put_right(cast: Cast, made: Update) -> None:
    assert made.current is not None
    content = made.current.parsed()
    variants = tuple(
        Variant(audience, words.title, words.body.replace("[[fill in: what is right]]", "All payments fail."), language)
        for audience, by_language in content.wording.items()
        for language, words in by_language.items()
    )
    revise_update(
        actor=cast.actor("commander"),
        now=NOW,
        update_id=made.pk,
        base_revision=number(made),
        content=ContentEdit(variants=variants).apply(content),
    )


# What is released, and where it has looked at everything that it decides over.
KINDS: dict[str, tuple[Ready, object, str]] = {
    "holding": (holding, HOLDING, "holding_plan"),
    "ordinary": (ordinary, RELEASE, "blockers"),
    "override": (by_override, OVERRIDE, "release_facts"),
    "correction": (correction, RELEASE, "blockers"),
}
each_kind = pytest.mark.parametrize("kind", KINDS)


def incident_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order there was: the own incident first, components and neighbours when they are changed."""

    def lock(which: Any) -> Incident:
        pk = which if isinstance(which, int) else which.incident_id
        return Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)

    for module in (HOLDING, RELEASE, OVERRIDE):
        monkeypatch.setattr(module, "lock_incident", lock)


def two_releases(cast: Cast, kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Meeting, list[Exception]]:
    """On two incidents that share a component."""
    ready, module, look = KINDS[kind]
    component = make_component()
    acts = [ready(cast, component), ready(cast, component)]
    meeting = meet_after(monkeypatch, module, look)
    both = [Person(act) for act in acts]
    return meeting, [error for person in both if (error := person.done()) is not None]


@each_kind
def test_with_the_incident_alone_locked_two_releases_wait_in_a_circle(cast: Cast, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    incident_alone(monkeypatch)
    meeting, errors = two_releases(cast, kind, monkeypatch)
    assert meeting.met
    assert [type(error) for error in errors] == [Busy]


@each_kind
def test_two_releases_that_share_a_component_both_go_out(cast: Cast, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, errors = two_releases(cast, kind, monkeypatch)
    assert (meeting.met, errors) == (False, [])
    assert Release.objects.filter(released_at__in=[NOW, LATER]).count() == (4 if kind == "correction" else 2)


def release_beside_a_component(cast: Cast, kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Meeting, list[Exception], str]:
    """Its component fails in the moment of a release; the third is how the component stands in the end."""
    ready, module, look = KINDS[kind]
    component = make_component()
    act = ready(cast, component)
    meeting, looked = Meeting(), threading.Event()
    facts = getattr(module, look)

    def look_and_wait(*args: Any, **kwargs: Any) -> Any:
        seen = facts(*args, **kwargs)
        looked.set()
        meeting.wait()
        return seen

    monkeypatch.setattr(module, look, look_and_wait)
    affected = RECONSIDER.lock_open_incidents

    def wait_first(component_id: int) -> Any:
        meeting.wait()
        return affected(component_id)

    monkeypatch.setattr(RECONSIDER, "lock_open_incidents", wait_first)
    releaser = Person(act)
    assert looked.wait(10)
    other = Person(lambda: set_component_status(actor=system("test"), now=NOW, component=component, status="major_outage"))
    both = [releaser, other]
    errors = [error for person in both if (error := person.done()) is not None]
    component.refresh_from_db()
    return meeting, errors, component.status


@each_kind
def test_with_the_incident_alone_locked_a_release_and_a_component_wait_in_a_circle(
    cast: Cast, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident_alone(monkeypatch)
    meeting, errors, _ = release_beside_a_component(cast, kind, monkeypatch)
    assert meeting.met
    assert [type(error) for error in errors] == [Busy]


@each_kind
def test_a_release_and_a_change_of_its_component_follow_each_other(cast: Cast, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, errors, _ = release_beside_a_component(cast, kind, monkeypatch)
    assert (meeting.met, errors) == (False, [])


def test_a_holding_release_never_puts_back_a_state_that_it_read_before_the_lock(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, status = release_beside_a_component(cast, "holding", monkeypatch)
    assert status == "major_outage"
    assert Release.objects.get().revision.parsed().components[0].status == "operational"


def test_an_incident_given_a_component_between_the_locks_is_tried_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    act = holding(cast, make_component())
    incident, other = Incident.objects.get(), make_component()
    locking = sys.modules["incidents.services.locking"]
    lock = locking._in_order

    def lock_and_link(model: Any, keys: Any) -> Any:
        rows = lock(model, keys)
        incident.component_links.get_or_create(component=other)
        return rows

    monkeypatch.setattr(locking, "_in_order", lock_and_link)
    with pytest.raises(Busy):
        act()
    assert not Release.objects.exists()
