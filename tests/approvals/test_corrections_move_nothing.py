"""A correction drafted before things moved moves them back only where somebody wrote so (decision 0017)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.queries import release_reasons
from approvals.services import start_correction
from catalogue.models import Component
from core.errors import Conflict
from incidents.models import Incident, Update
from incidents.rules.content import ComponentState, Content
from incidents.rules.content_edit import ContentEdit
from incidents.rules.correcting import standing
from incidents.services import revise_update, start_update
from notifications.models import Message
from statuspage.models import PublicIncident, PublicUpdate
from tests.approvals.acts import release, schedule
from tests.incidents.test_released import LATER, released
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident, make_update
from tests.support.releases import reviewed

pytestmark = pytest.mark.django_db


def begun(cast: Cast, edit: ContentEdit | None = None) -> tuple[Incident, Component, Update]:
    """An incident reported as investigating with its component down, and the approved correction of that report."""
    component = make_component(name="Checkout")
    incident = make_incident(components=[component])
    down = ContentEdit(next_update_minutes=15, components=(ComponentState(component.public_id, "major_outage"),))
    wrong = make_update(incident=incident, edit=down)
    released(cast, wrong)
    correction = start_correction(actor=cast.actor("commander"), now=LATER, update_id=wrong.pk, kind="correction")
    if edit is not None:
        assert correction.current is not None
        content = edit.apply(correction.current.parsed())
        revise_update(actor=cast.actor("commander"), now=LATER, update_id=correction.pk, base_revision=1, content=content)
    return incident, component, reviewed(cast, Update.objects.get(pk=correction.pk), LATER)


def goes_on(cast: Cast, incident: Incident, component: Component, status: str = "monitoring") -> None:
    """Another update says that the component works again."""
    incident.refresh_from_db()
    minutes = None if status == "resolved" else 60
    well = ContentEdit(next_update_minutes=minutes, impact="minor", components=(ComponentState(component.public_id, "operational"),))
    release(cast, reviewed(cast, make_update(incident=incident, status=status, edit=well), LATER), now=LATER)


def codes(update: Update) -> list[str]:
    return [reason.code for reason in release_reasons(Update.objects.get(pk=update.pk), LATER)]


def test_incident_component_page_and_message_stay_where_they_are(cast: Cast) -> None:
    incident, component, correction = begun(cast)
    goes_on(cast, incident, component)
    assert codes(correction) == []
    done = release(cast, correction, now=LATER + timedelta(minutes=1))
    incident.refresh_from_db()
    component.refresh_from_db()
    assert (incident.status, incident.impact, component.status) == ("monitoring", "minor", "operational")
    shown = PublicIncident.objects.get(code=incident.public_id)
    entry = PublicUpdate.objects.get(code=correction.public_id)
    assert (shown.status, shown.impact, entry.status) == ("monitoring", "minor", "monitoring")
    assert list(entry.affected.values_list("old_status", "new_status")) == [("operational", "operational")]
    facts = Message.objects.get(release=done).facts
    assert (facts["status"], facts["impact"], facts["components"][0]["words"]) == ("monitoring", "minor", "operational")


def test_what_somebody_wrote_in_it_moves(cast: Cast) -> None:
    incident, component, correction = begun(cast, ContentEdit(status="identified", impact="critical"))
    goes_on(cast, incident, component)
    release(cast, correction, now=LATER)
    incident.refresh_from_db()
    component.refresh_from_db()
    assert (incident.status, incident.impact, component.status) == ("identified", "critical", "operational")
    shown = PublicIncident.objects.get(code=incident.public_id)
    assert (shown.status, shown.impact) == ("identified", "critical")


def test_once_the_incident_is_resolved_it_still_goes_and_reopens_nothing(cast: Cast) -> None:
    incident, component, correction = begun(cast)
    goes_on(cast, incident, component, "resolved")
    assert codes(correction) == []
    release(cast, correction, now=LATER)
    incident.refresh_from_db()
    assert (incident.status, PublicIncident.objects.get(code=incident.public_id).status) == ("resolved", "resolved")


def test_a_status_written_in_it_that_the_incident_cannot_take_is_said_before(cast: Cast) -> None:
    incident, component, correction = begun(cast, ContentEdit(status="identified"))
    goes_on(cast, incident, component, "resolved")
    assert codes(correction) == ["illegal_move"]
    for attempt in (release, schedule):
        with pytest.raises(Conflict) as refused:
            attempt(cast, correction, now=LATER)
        assert refused.value.code == "illegal_move"


def test_what_a_correction_is_begun_with_counts_as_written(cast: Cast) -> None:
    incident = make_incident()
    wrong = released(cast, make_update(incident=incident, edit=ContentEdit(next_update_minutes=15)))
    correction = start_update(
        actor=cast.actor("commander"),
        now=LATER,
        incident=incident,
        status="identified",
        kind="correction",
        corrects=wrong,
        edit=ContentEdit(next_update_minutes=None),
    )
    release(cast, reviewed(cast, correction, LATER), now=LATER)
    incident.refresh_from_db()
    assert incident.status == "identified"


def test_a_component_nobody_wrote_about_that_is_gone_from_the_incident_is_left_out() -> None:
    first = Content(
        status="investigating", impact="major", components=(ComponentState("a", "major_outage"), ComponentState("b", "operational"))
    )
    written = replace(first, components=(*first.components[:1], ComponentState("c", "operational")))
    stands = standing(written, first=first, status="monitoring", impact="none", components={"b": "degraded_performance"})
    assert stands == replace(first, status="monitoring", impact="none", components=(ComponentState("c", "operational"),))
