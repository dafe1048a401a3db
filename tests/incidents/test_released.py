"""What a release does to incident, components and promise."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from approvals.models import Release
from core.errors import Conflict
from incidents.models import Incident, Update, UpdatePromise
from incidents.queries import open_promise
from incidents.rules.content import ComponentState
from incidents.rules.content_edit import ContentEdit
from incidents.rules.words import UpdateState
from incidents.services import revise_update, set_update_state, start_update
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_component, make_incident, make_update
from tests.support.log import audit_types
from tests.support.releases import let_go, reviewed

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=10)


def released(cast: Cast, update: Update, now: datetime = LATER) -> Update:
    """The update, reviewed and let out."""
    let_go(cast, reviewed(cast, update), now)
    return Update.objects.get(pk=update.pk)


def test_the_incident_and_its_components_follow_the_released_words(cast: Cast) -> None:
    known, named = make_component(), make_component()
    incident = make_incident(components=[known])
    states = (ComponentState(known.public_id, "major_outage"), ComponentState(named.public_id, "degraded_performance"))
    update = released(cast, make_update(incident=incident, status="identified", edit=ContentEdit(components=states, impact="critical")))
    incident.refresh_from_db()
    # One version for the words, one for the scope that follows the first component.
    assert (incident.status, incident.impact, incident.outage_scope, incident.version) == ("identified", "critical", "partial", 3)
    for component, status in ((known, "major_outage"), (named, "degraded_performance")):
        component.refresh_from_db()
        assert component.status == status
    assert set(incident.components.all()) == {known, named}
    update.refresh_from_db()
    assert (update.state, update.released_at) == ("released", LATER)
    assert audit_types(f"update:{update.public_id}")[-1] == "update.moved"
    assert audit_types(f"incident:{incident.public_id}")[-2:] == ["incident.changed", "incident.decided"]
    assert incident.timeline.filter(kind="released").get().detail == {
        "update": update.public_id,
        "release": Release.objects.get(update_of=update).public_id,
    }


def test_the_promise_is_kept_and_the_next_one_made(cast: Cast) -> None:
    incident = make_incident()
    update = released(cast, make_update(incident=incident, edit=ContentEdit(next_update_minutes=45)))
    kept = UpdatePromise.objects.get(incident=incident, kept_by=update)
    assert kept.closed_at == LATER
    promise = open_promise(incident)
    assert promise is not None
    assert (promise.made_by, promise.due_at) == (update, LATER + timedelta(minutes=45))


def test_no_minutes_promise_nothing(cast: Cast) -> None:
    incident = make_incident()
    released(
        cast, make_update(incident=incident, edit=ContentEdit(next_update_minutes=None, promise_reason="The provider answers tomorrow."))
    )
    assert open_promise(incident) is None


def test_resolved_is_final(cast: Cast) -> None:
    component = make_component()
    incident = make_incident(components=[component])
    waiting = reviewed(cast, make_update(incident=incident, status="identified"))
    released(cast, make_update(incident=incident, status="resolved"))
    incident.refresh_from_db()
    assert (incident.status, incident.resolved_at) == ("resolved", LATER)
    assert open_promise(incident) is None
    component.refresh_from_db()
    assert component.status == "operational"
    for status in ("investigating", "monitoring", "resolved"):
        with pytest.raises(Conflict, match="final"):
            start_update(actor=cast.actor("commander"), now=LATER, incident=incident, status=status)
    with pytest.raises(Conflict, match="final"):
        let_go(cast, waiting)
    waiting.refresh_from_db()
    assert waiting.state == "approved"
    assert Incident.objects.get().status == "resolved"


def test_a_released_update_stays_as_it_is(cast: Cast) -> None:
    update = released(cast, make_update())
    update.refresh_from_db()
    assert update.current is not None
    content = ContentEdit(next_update_minutes=7).apply(update.current.parsed())
    with pytest.raises(Conflict, match="released"):
        revise_update(actor=cast.actor("comms"), now=LATER, update_id=update.pk, base_revision=1, content=content)
    with pytest.raises(Conflict):
        set_update_state(actor=cast.system(), now=LATER, update=update, to=UpdateState.DRAFT)
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        Update.objects.filter(pk=update.pk).update(state="draft", released_at=None)


@pytest.mark.parametrize("case", ["restricted", "watching", "colleagues only"])
def test_a_release_that_the_page_does_not_show_leaves_the_components_states(cast: Cast, case: str) -> None:
    component = make_component()
    incident = make_incident(stage="watching" if case == "watching" else "confirmed")
    edit = ContentEdit(components=(ComponentState(component.public_id, "major_outage"),))
    words = [INTERNAL_WORDS] if case == "colleagues only" else [CUSTOMER_WORDS, INTERNAL_WORDS]
    update = reviewed(cast, make_update(incident=incident, variants=words, edit=edit))
    Incident.objects.filter(pk=incident.pk).update(restricted=case == "restricted")
    let_go(cast, update)
    component.refresh_from_db()
    assert component.status == "operational"
    assert list(incident.components.all()) == [component]
