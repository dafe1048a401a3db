"""Two people release a holding statement at the same moment, over two real connections: first without the lock, then with it."""

import sys

import pytest

from approvals.models import Release
from core.errors import StaleRevision
from incidents.models import Incident
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident
from tests.support.holding import approved_statement, let_out_holding, seen_of
from tests.support.meeting import Person, meet_after

pytestmark = pytest.mark.django_db(transaction=True)

RELEASING = sys.modules["approvals.services.release_holding"]


def two_releases(cast: Cast) -> list[Exception | None]:
    version = approved_statement(cast)
    incident = make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")])
    seen = seen_of(incident, version)
    both = [Person(lambda: let_out_holding(cast, incident, version, seen=seen)) for _ in range(2)]
    return [one.done() for one in both]


def test_without_the_locks_both_see_a_world_in_which_nothing_went_out(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RELEASING, "lock_incident", lambda incident_id: Incident.objects.get(pk=incident_id))
    monkeypatch.setattr(RELEASING, "locked_statements", lambda statements: statements)
    meeting = meet_after(monkeypatch, RELEASING, "holding_plan")
    two_releases(cast)
    assert meeting.met


def test_with_them_one_goes_out_and_the_other_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = meet_after(monkeypatch, RELEASING, "holding_plan")
    errors = two_releases(cast)
    assert not meeting.met
    assert [type(error) for error in errors if error is not None] == [StaleRevision]
    assert Release.objects.count() == 1
