"""What the room says of milestones and outage does not contradict its own facts."""

import pytest

from accounts.actors import source
from incidents.models import Incident
from incidents.services import change_incident, record_milestone
from tests.approvals import acts
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident

pytestmark = pytest.mark.django_db


def room(cast: Cast, incident: Incident) -> str:
    return cast.client("commander").get(f"/console/incidents/{incident.public_id}/").content.decode()


def reached(page: str) -> dict[str, str]:
    """Each milestone's words and what stands beside them: `not yet`, `facts` or `recorded`."""
    rows = page.partition('id="milestones"')[2].partition("</section>")[0].split('<div class="fact">')[1:]
    return {
        row.partition("<dd><span>")[2].partition("<")[0].strip(): "not yet"
        if "not yet" in row
        else "facts"
        if "as the facts say" in row
        else "recorded"
        for row in rows
    }


def test_milestones_follow_from_the_facts_where_nobody_recorded_them(cast: Cast) -> None:
    incident = make_incident(actor=source("alertmanager"))
    found = reached(room(cast, incident))
    assert (found["Detected"], found["Confirmed that something is wrong"]) == ("facts", "facts")
    assert (found["Somebody took it on"], found["Cause found"]) == ("not yet", "not yet")
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, commander=cast.commander)
    assert reached(room(cast, incident))["Somebody took it on"] == "facts"


def test_what_a_release_says_is_a_milestone_and_what_somebody_recorded_stands_before_it(cast: Cast) -> None:
    update = acts.approved(cast)
    acts.release(cast, update)
    incident = update.incident
    assert reached(room(cast, incident))["Cause found"] == "not yet"
    record_milestone(actor=cast.actor("commander"), now=NOW, incident=incident, kind="detected")
    found = reached(room(cast, incident))
    assert (found["Detected"], found["Somebody took it on"]) == ("recorded", "facts")


def test_of_an_outage_nothing_is_known_while_no_component_is_named(cast: Cast) -> None:
    page = room(cast, make_incident(actor=source("alertmanager")))
    assert "not known: no components named" in page
    assert "Nothing is out" not in page
    assert "Nothing is out, as the components show" in room(cast, make_incident(components=[make_component()]))
