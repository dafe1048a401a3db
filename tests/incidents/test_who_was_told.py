"""A promise is answered by those it was made to having read something; an incident's end is told to whoever was told of it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from approvals.queries import release_blockers
from catalogue.models import Component
from core.errors import Conflict, InvalidInput
from incidents.models import Incident, UpdatePromise
from incidents.queries import open_promise, open_promises, untold_of_the_end
from incidents.rules.content import ComponentState
from incidents.rules.content_edit import ContentEdit
from incidents.services import change_incident, claim_due_steps, start_update
from incidents.services import claim_due_steps as clock
from stakeholders.models import Audience
from stakeholders.services.audiences import set_scope
from tests.approvals.acts import ask
from tests.incidents.test_released import LATER, released
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_component, make_incident, make_update
from tests.support.releases import let_go, reviewed

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
AFTER = LATER + 5 * MINUTE


def promised(cast: Cast, minutes: int = 15) -> Incident:
    """Customers and colleagues were told, and promised word."""
    incident = make_incident()
    released(cast, make_update(incident=incident, edit=ContentEdit(next_update_minutes=minutes)))
    return incident


def test_words_to_colleagues_alone_leave_the_customers_clock_running(cast: Cast) -> None:
    incident = promised(cast)
    first = open_promise(incident)
    assert first is not None
    inside = make_update(incident=incident, variants=[INTERNAL_WORDS], edit=ContentEdit(next_update_minutes=60))
    released(cast, inside, AFTER)
    running = [(each.untold, each.due_at) for each in open_promises(incident)]
    assert running == [(["customers"], first.due_at), (["internal"], AFTER + 60 * MINUTE)]
    assert claim_due_steps(now=first.due_at + MINUTE) == 1
    outside = released(cast, make_update(incident=incident, variants=[CUSTOMER_WORDS]), first.due_at + 2 * MINUTE)
    first.refresh_from_db()
    assert (first.outcome, first.kept_by, first.late_by_seconds, first.untold) == ("late", outside, 120, [])


def test_a_promise_is_kept_once_everybody_it_was_made_to_has_read_something(cast: Cast) -> None:
    incident = promised(cast)
    first = open_promise(incident)
    assert first is not None
    released(cast, make_update(incident=incident, variants=[CUSTOMER_WORDS]), AFTER)
    last = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]), AFTER + MINUTE)
    first.refresh_from_db()
    assert (first.outcome, first.kept_by, first.audiences) == ("kept", last, ["customers", "internal"])


def test_the_database_keeps_no_promise_for_who_has_read_nothing_and_none_waits_for_two(cast: Cast) -> None:
    incident = promised(cast)
    first = open_promise(incident)
    assert first is not None
    rows = UpdatePromise.objects.filter(pk=first.pk)
    with pytest.raises(IntegrityError, match="answered_was_read_by_all"), transaction.atomic():
        rows.update(outcome="kept", kept_by=first.made_by, closed_at=first.due_at)
    for change in ({"audiences": ["customers"]}, {"audiences": ["customers", "internal", "public"], "untold": ["public"]}):
        with pytest.raises(IntegrityError, match=r"is not moved|waits for it no more"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="untold_are_its_own"), transaction.atomic():
        UpdatePromise.objects.create(incident=incident, made_by=first.made_by, made_at=NOW, due_at=NOW, policy_version=1, untold=["public"])
    with pytest.raises(IntegrityError, match="would wait for two promises"), transaction.atomic():
        UpdatePromise.objects.create(
            incident=incident, made_by=first.made_by, made_at=NOW, due_at=NOW, policy_version=1, audiences=["internal"], untold=["internal"]
        )


def test_the_end_is_not_told_over_the_heads_of_who_waits_for_word(cast: Cast) -> None:
    incident = promised(cast)
    quiet = make_update(incident=incident, status="resolved", variants=[INTERNAL_WORDS])
    with pytest.raises(InvalidInput) as refused:
        ask(cast, quiet, now=AFTER)
    assert "would never hear of it" in " ".join(refused.value.fields["audiences"])


def test_an_approved_end_does_not_go_where_customers_were_told_meanwhile(cast: Cast) -> None:
    incident = make_incident(severity="SEV3")
    quiet = reviewed(cast, make_update(incident=incident, status="resolved", variants=[INTERNAL_WORDS]))
    assert not [words for words in release_blockers(quiet, LATER) if "never hear" in words]
    released(cast, make_update(incident=incident, variants=[CUSTOMER_WORDS]), LATER)
    assert [words for words in release_blockers(quiet, AFTER) if "never hear" in words]


def test_who_was_not_told_of_the_end_still_can_be_and_nobody_else(cast: Cast) -> None:
    incident = make_incident(severity="SEV3")
    # As before this was looked at: the end is told to colleagues alone.
    quiet = reviewed(cast, make_update(incident=incident, status="resolved", variants=[INTERNAL_WORDS]))
    released(cast, make_update(incident=incident))
    let_go(cast, quiet, AFTER)
    incident.refresh_from_db()
    assert untold_of_the_end(incident) == {"customers"}
    assert not open_promises(incident).exists()
    told = reviewed(cast, make_update(incident=incident, status="resolved", variants=[CUSTOMER_WORDS]), AFTER)
    assert release_blockers(told, AFTER + MINUTE) == []
    let_go(cast, told, AFTER + MINUTE)
    incident.refresh_from_db()
    assert (incident.resolved_at, untold_of_the_end(incident)) == (AFTER, frozenset())
    with pytest.raises(Conflict, match="final"):
        start_update(actor=cast.actor("commander"), now=AFTER, incident=incident, status="resolved")


def told_without_a_promise(cast: Cast) -> Incident:
    """Customers were told, on the page too, and nobody was promised word."""
    incident = make_incident()
    edit = ContentEdit(next_update_minutes=None, promise_reason="There is nothing more to come.")
    released(cast, make_update(incident=incident, edit=edit))
    assert not open_promises(incident).exists()
    return incident


def test_a_page_that_shows_the_incident_hears_that_it_is_over_though_nobody_was_promised_word(cast: Cast) -> None:
    incident = told_without_a_promise(cast)
    with pytest.raises(InvalidInput) as refused:
        ask(cast, make_update(incident=incident, status="resolved", variants=[INTERNAL_WORDS]), now=AFTER)
    assert "would never hear of it" in " ".join(refused.value.fields["audiences"])


def test_who_may_not_be_told_of_the_incident_any_more_keeps_nobody_from_ending_it(cast: Cast) -> None:
    incident = promised(cast)
    elsewhere = make_component(name="Elsewhere")
    customers = Audience.objects.get(key="customers")
    set_scope(actor=cast.actor("comms"), now=AFTER, audience=customers, customer_facing_only=False, components=[elsewhere])
    ask(cast, make_update(incident=incident, status="resolved", variants=[INTERNAL_WORDS]), now=AFTER)


def test_the_end_is_not_told_again_to_who_heard_it(cast: Cast) -> None:
    incident = make_incident()
    one, other = (reviewed(cast, make_update(incident=incident, status="resolved")) for _ in range(2))
    let_go(cast, one, LATER)
    other.incident.refresh_from_db()
    assert [words for words in release_blockers(other, AFTER) if "is resolved" in words]


def test_a_component_that_was_out_before_the_words_named_it_sets_the_scope(cast: Cast) -> None:
    incident, component = make_incident(), make_component()
    Component.objects.filter(pk=component.pk).update(status="major_outage")
    edit = ContentEdit(components=(ComponentState(component.public_id, "major_outage"),))
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS], edit=edit))
    incident.refresh_from_db()
    assert incident.outage_scope == "full"
    assert incident.decisions.all()[0].facts["outage_scope"] == "full"


def test_what_is_wrong_with_one_incident_keeps_no_other_quiet(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, well = promised(cast), promised(cast)
    prepare = clock.__globals__["prepare_nothing_new"]

    def failing(incident: Incident, *given: object, **more: object) -> object:
        if incident.pk == broken.pk:
            raise RuntimeError("something nobody thought of")
        return prepare(incident, *given, **more)

    monkeypatch.setitem(clock.__globals__, "prepare_nothing_new", failing)
    assert claim_due_steps(now=LATER + 16 * MINUTE) == 1
    assert open_promises(well).filter(overdue_told_at__isnull=False).count() == 1
    assert not open_promises(broken).filter(overdue_told_at__isnull=False).exists()


def test_word_promised_for_later_than_the_policy_now_allows_is_not_put_to_reviewers(cast: Cast) -> None:
    incident = make_incident(severity="SEV3")
    update = make_update(incident=incident, status="monitoring", edit=ContentEdit(next_update_minutes=240))
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, severity="SEV1")
    with pytest.raises(InvalidInput) as refused:
        ask(cast, update, now=LATER)
    assert "say why 240 minutes are right" in refused.value.fields["next_update_minutes"][0]


def test_who_depends_on_a_component_is_read_anew_when_an_audience_is_bound_to_it(cast: Cast) -> None:
    component = make_component()
    incident, other = make_incident(components=[component]), make_incident()
    customers = Audience.objects.get(key="customers")
    set_scope(actor=cast.system(), now=LATER, audience=customers, customer_facing_only=False, components=[component])
    newest = incident.decisions.all()[0]
    assert (newest.facts["depended_on_by"], newest.at) == (["customers"], LATER)
    assert other.decisions.count() == 1
    set_scope(actor=cast.system(), now=AFTER, audience=customers, customer_facing_only=True, components=[])
    assert incident.decisions.all()[0].facts["depended_on_by"] == []
