"""A promise that only people wait for who may not be told of the incident shows nowhere as overdue; the room says why it stands by."""

import re
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from console.queries.board import board, rows_of
from console.queries.counts import nav_counts
from console.queries.needs import needs_of
from incidents.models import Incident
from incidents.queries import open_promises
from incidents.queries.hearing import keepable
from incidents.rules.content_edit import ContentEdit
from incidents.services import change_incident, grant_access
from tests.console.test_rooms import text
from tests.incidents.test_released import released
from tests.support.cast import NOW, Cast
from tests.support.factories import INTERNAL_WORDS, make_incident, make_update

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
OVERDUE = NOW + 30 * MINUTE


def told_inside_and_restricted(cast: Cast, *, next_word: int | None = None) -> Incident:
    """Colleagues were told, the public was not and may not be any more; its first word is overdue at `OVERDUE`."""
    incident = make_incident(actor=cast.actor("commander"))
    edit = ContentEdit(next_update_minutes=next_word, promise_reason="Nothing more is to come.")
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS], edit=edit))
    change_incident(actor=cast.actor("commander"), now=NOW + 12 * MINUTE, incident_id=incident.pk, restricted=True)
    incident.refresh_from_db()
    return incident


def room(cast: Cast, incident: Incident) -> str:
    page = text(cast.client("commander").get(f"/console/incidents/{incident.public_id}/"))
    panel = re.search(r'id="promise".*?</section>', page, re.DOTALL)
    assert panel is not None
    return panel[0]


def test_it_is_overdue_nowhere_until_they_may_be_told(cast: Cast) -> None:
    incident, commander = told_inside_and_restricted(cast), cast.actor("commander", stepped_up=True, now=OVERDUE)
    assert [promise.untold for promise in open_promises(incident).select_related("incident")] == [["customers"]]
    seen = board(commander, OVERDUE)
    (row,) = seen.active
    assert (seen.overdue, row.due_at, row.stands_by) == (0, None, True)
    assert [need.words for need in seen.needs if need.due_at] == []
    assert nav_counts(commander, OVERDUE)["overdue"] == 0
    change_incident(actor=commander, now=OVERDUE, incident_id=incident.pk, restricted=False)
    seen = board(commander, OVERDUE)
    (row,) = seen.active
    assert (seen.overdue, row.due_at, row.stands_by) == (1, NOW + 15 * MINUTE, False)
    assert nav_counts(commander, OVERDUE)["overdue"] == 1


def test_the_room_says_that_it_stands_by_and_why(cast: Cast) -> None:
    panel = room(cast, told_inside_and_restricted(cast))
    assert "The policy wants a first word to Customers by" in panel
    assert "it waits until Customers may be told of the incident" in panel
    # No clock that counts, nothing overdue, and no reminders to hold back.
    assert "data-clock" not in panel
    assert "overdue" not in panel
    assert "Hold the reminders back" not in panel


def test_the_promise_that_can_be_kept_comes_first(cast: Cast) -> None:
    incident = told_inside_and_restricted(cast, next_word=60)
    panel = room(cast, incident)
    assert panel.index("Colleagues were promised word by") < panel.index("The policy wants a first word to Customers by")
    (row,) = rows_of([incident], OVERDUE)
    assert (row.due_at, row.stands_by) == (NOW + 70 * MINUTE, False)


def test_a_promise_that_can_be_kept_names_whom_it_is_made_to(cast: Cast) -> None:
    incident = make_incident()
    assert "The policy wants a first word to Colleagues, Customers by" in room(cast, incident)
    incident.promises.update(audiences=[], untold=[])
    panel = room(cast, incident)
    assert "The policy wants a first word by" in panel
    assert "stands by" not in panel


def test_who_else_may_not_see_the_incident_is_not_asked_to_act_on_it(cast: Cast) -> None:
    incident = told_inside_and_restricted(cast, next_word=20)
    outsider = cast.actor("outsider")
    assert needs_of(outsider, OVERDUE) == []
    assert nav_counts(outsider, OVERDUE)["overdue"] == 0
    grant_access(actor=cast.actor("commander"), now=NOW, incident=incident, to=cast.comms2)
    assert [row.incident for row in board(cast.actor("comms2"), OVERDUE).active] == [incident]


def test_many_promises_are_asked_about_at_once(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(4):
        make_incident(actor=cast.actor("commander"), restricted=True)
    promises = [promise for incident in Incident.objects.all() for promise in open_promises(incident).select_related("incident")]
    for some in (promises[:1], promises):
        with django_assert_num_queries(5):
            assert keepable(some) == {promise.pk for promise in some}
    with django_assert_num_queries(0):
        assert keepable([]) == frozenset()
