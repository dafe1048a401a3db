"""The policy's promise of a first word is made to those whom it names, and is kept once each of them has read something."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.queries import release_blockers
from core.errors import InvalidInput
from incidents.models import Incident, UpdatePromise
from incidents.queries import open_promises
from incidents.rules.content import ComponentState
from incidents.rules.content_edit import ContentEdit
from incidents.services import change_incident, claim_due_steps, start_update
from stakeholders.models import Audience
from stakeholders.services import create_audience, set_scope
from tests.approvals.acts import ask, release
from tests.incidents.test_released import LATER, released
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_component, make_incident, make_update
from tests.support.policies import put_in_force, rules_in_force
from tests.support.releases import reviewed

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
AFTER = LATER + 5 * MINUTE


def of_the_policy(incident: Incident) -> UpdatePromise:
    return incident.promises.get(made_by=None, closed_at=None)


def severity(cast: Cast, incident: Incident, minute: int, word: str) -> None:
    change_incident(actor=cast.actor("commander"), now=NOW + minute * MINUTE, incident_id=incident.pk, severity=word)


def name(cast: Cast, *audiences: str, **then: Any) -> None:
    """The policy names these from now on, whatever the incident."""
    put_in_force(cast, rules_in_force(audiences=list(audiences), **then))


def partners(cast: Cast) -> None:
    create_audience(actor=cast.actor("comms"), now=NOW, key="partners", name="Partners")


# To whom it is made, and what answers it.


def test_it_is_made_to_those_whom_the_policy_names() -> None:
    promise = of_the_policy(make_incident())
    assert (promise.audiences, promise.untold) == (["customers", "internal"], ["customers", "internal"])


def test_words_to_colleagues_alone_leave_the_customers_clock_running(cast: Cast) -> None:
    incident = make_incident()
    said = make_update(incident=incident, variants=[INTERNAL_WORDS], edit=ContentEdit(next_update_minutes=60))
    released(cast, said)
    promise = of_the_policy(incident)
    assert (promise.audiences, promise.untold, promise.due_at) == (["customers", "internal"], ["customers"], NOW + 15 * MINUTE)
    assert claim_due_steps(now=NOW + 16 * MINUTE) == 1
    first = released(cast, make_update(incident=incident, variants=[CUSTOMER_WORDS]), NOW + 17 * MINUTE)
    promise.refresh_from_db()
    assert (promise.outcome, promise.kept_by, promise.late_by_seconds, promise.untold) == ("late", first, 120, [])


def test_it_is_kept_by_the_update_also_where_that_moves_components_and_the_policy_decides_again(cast: Cast) -> None:
    component = make_component()
    incident = make_incident(components=[component])
    said = make_update(incident=incident, edit=ContentEdit(components=(ComponentState(component.public_id, "major_outage"),)))
    released(cast, said)
    incident.refresh_from_db()
    assert incident.outage_scope == "full"
    promise = incident.promises.get(made_by=None)
    assert (promise.outcome, promise.kept_by) == ("kept", said)


def test_a_status_that_others_read_of_moves_no_first_word(cast: Cast) -> None:
    incident = make_incident()
    released(cast, make_update(incident=incident, status="monitoring", variants=[INTERNAL_WORDS]))
    assert of_the_policy(incident).due_at == NOW + 15 * MINUTE


def test_each_audience_waits_for_its_first_word_as_long_as_the_policy_gives_it(cast: Cast) -> None:
    name(cast, "customers", "internal", cadence_by_audience={"customers": {"investigating": 40}})
    incident = make_incident()
    assert of_the_policy(incident).due_at == NOW + 15 * MINUTE
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    assert of_the_policy(incident).due_at == NOW + 40 * MINUTE


def test_once_everybody_named_has_read_something_it_is_not_made_again(cast: Cast) -> None:
    incident = make_incident()
    for words in (INTERNAL_WORDS, CUSTOMER_WORDS):
        last = released(cast, make_update(incident=incident, variants=[words]))
    assert incident.promises.get(made_by=None).kept_by == last
    severity(cast, incident, 12, "SEV2")
    assert not open_promises(incident).filter(made_by=None).exists()


def test_customers_who_were_never_told_are_promised_word_though_colleagues_are_too(cast: Cast) -> None:
    incident = make_incident(severity="SEV3")
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS], edit=ContentEdit(next_update_minutes=60)))
    severity(cast, incident, 12, "SEV1")
    promise = of_the_policy(incident)
    assert (promise.untold, promise.due_at) == (["customers"], NOW + 27 * MINUTE)
    assert open_promises(incident).count() == 2


# Those named change.


def test_who_is_named_from_now_on_joins_those_who_wait_and_who_is_named_no_more_leaves_them(cast: Cast) -> None:
    partners(cast)
    incident = make_incident()
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    name(cast, "customers", "internal", "partners")
    promise = of_the_policy(incident)
    assert (promise.audiences, promise.untold) == (["customers", "internal", "partners"], ["customers", "partners"])
    name(cast, "internal", "partners")
    promise.refresh_from_db()
    assert (promise.audiences, promise.untold, promise.due_at) == (["internal", "partners"], ["partners"], NOW + 15 * MINUTE)


def test_with_nobody_left_to_tell_it_is_withdrawn(cast: Cast) -> None:
    incident = make_incident()
    promise = of_the_policy(incident)
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    name(cast, "internal")
    promise.refresh_from_db()
    assert (promise.closed_at, promise.kept_by, promise.untold) == (NOW, None, ["customers"])
    assert promise.outcome == "withdrawn"


def test_who_waited_before_waits_from_the_first_start_and_who_did_not_from_now(cast: Cast) -> None:
    partners(cast)
    incident = make_incident()
    severity(cast, incident, 1, "SEV3")
    severity(cast, incident, 2, "SEV1")
    assert of_the_policy(incident).made_at == NOW
    released(cast, make_update(incident=incident))
    assert not open_promises(incident).filter(made_by=None).exists()
    name(cast, "customers", "internal", "partners")
    again = of_the_policy(incident)
    assert (again.audiences, again.made_at) == (["partners"], NOW)
    severity(cast, incident, 20, "SEV3")
    name(cast, "customers", "internal")
    create_audience(actor=cast.actor("comms"), now=NOW, key="press", name="Press")
    name(cast, "customers", "press")
    severity(cast, incident, 30, "SEV1")
    assert (of_the_policy(incident).audiences, of_the_policy(incident).made_at) == (["press"], NOW + 30 * MINUTE)


def test_audiences_bound_to_other_things_are_not_named(cast: Cast) -> None:
    component = make_component()
    customers = Audience.objects.get(key="customers")
    set_scope(actor=cast.system(), now=NOW, audience=customers, customer_facing_only=False, components=[make_component(name="Elsewhere")])
    incident = make_incident(components=[component])
    assert of_the_policy(incident).audiences == ["internal"]
    # The policy's answer stays the same; whom it names does not.
    set_scope(actor=cast.system(), now=LATER, audience=customers, customer_facing_only=False, components=[component])
    assert of_the_policy(incident).untold == ["customers", "internal"]


def elsewhere(cast: Cast) -> None:
    for audience in Audience.objects.all():
        bound = [make_component()]
        set_scope(actor=cast.system(), now=NOW, audience=audience, customer_facing_only=False, components=bound)


def test_where_the_policy_names_nobody_any_release_answers_it(cast: Cast) -> None:
    elsewhere(cast)
    incident = make_incident()
    promise = of_the_policy(incident)
    assert (promise.audiences, promise.untold) == ([], [])
    Audience.objects.get(key="internal").scope_components.clear()
    said = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    promise.refresh_from_db()
    assert (promise.outcome, promise.kept_by) == ("kept", said)


def test_a_promise_of_before_that_names_nobody_gets_its_names_when_the_policy_decides_again(cast: Cast) -> None:
    incident = make_incident()
    UpdatePromise.objects.filter(incident=incident).update(audiences=[], untold=[])
    severity(cast, incident, 5, "SEV2")
    promise = of_the_policy(incident)
    assert (promise.audiences, promise.made_at, promise.due_at) == (["customers", "internal"], NOW, NOW + 30 * MINUTE)


# The end.


def test_the_end_is_not_told_over_the_heads_of_those_whom_the_policy_names(cast: Cast) -> None:
    incident = make_incident()
    with pytest.raises(InvalidInput) as refused:
        ask(cast, make_update(incident=incident, status="resolved", variants=[INTERNAL_WORDS]))
    assert "Customers would never hear of it: they were told of it or wait for word" in refused.value.fields["audiences"][0]


def test_a_first_update_may_say_to_everybody_named_that_it_is_over(cast: Cast) -> None:
    incident = make_incident()
    said = make_update(incident=incident, status="resolved")
    release(cast, reviewed(cast, said), now=LATER)
    incident.refresh_from_db()
    promise = incident.promises.get()
    assert (incident.status, promise.outcome, promise.kept_by) == ("resolved", "kept", said)


def test_who_may_not_be_told_keeps_nobody_from_ending_it(cast: Cast) -> None:
    incident = make_incident(restricted=True, actor=cast.actor("commander"))
    said = start_update(actor=cast.actor("commander"), now=NOW, incident=incident, status="resolved", variants=[INTERNAL_WORDS])
    assert not [words for words in release_blockers(said, NOW) if "never hear" in words]


# What the database holds.


def refused(words: str, promise: UpdatePromise, **change: Any) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        UpdatePromise.objects.filter(pk=promise.pk).update(**change)


def test_whom_the_policy_names_may_change_while_it_runs_and_nothing_else_of_it(cast: Cast) -> None:
    incident = make_incident()
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    promise, made = of_the_policy(incident), incident.promises.get(made_by__isnull=False)
    UpdatePromise.objects.filter(pk=promise.pk).update(audiences=["customers", "partners"], untold=["customers", "partners"])
    refused("is not moved", promise, made_at=LATER)
    refused("stays as it is closed", promise, audiences=["customers"], untold=[], outcome="withdrawn", closed_at=promise.due_at)
    refused("is not moved", made, audiences=["internal", "partners"])
    UpdatePromise.objects.filter(pk=promise.pk).update(outcome="withdrawn", closed_at=promise.due_at)
    refused("is closed", promise, audiences=["partners"])


def test_nobody_waits_for_two_promises_by_joining_one(cast: Cast) -> None:
    incident = make_incident()
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    promise = of_the_policy(incident)
    refused("would wait for two promises", promise, audiences=["customers", "internal"], untold=["customers", "internal"])


CLOSE = import_module("incidents.migrations.0014_promised_by_name").CLOSE


def test_promises_that_run_on_for_a_resolved_incident_are_closed_as_of_its_end(cast: Cast) -> None:
    early, late, untouched = make_incident(), make_incident(), make_incident()
    for incident, minutes in ((early, 14), (late, 17)):
        Incident.objects.filter(pk=incident.pk).update(status="resolved", resolved_at=NOW + minutes * MINUTE + timedelta(seconds=0.5))
    with connection.cursor() as cursor:
        cursor.execute(CLOSE)
    assert open_promises(untouched).count() == 1
    assert not untouched.promises.get().steps.exclude(skipped="").exists()
    for incident, outcome, seconds in ((early, "withdrawn", 0), (late, "late", 121)):
        promise = incident.promises.get()
        incident.refresh_from_db()
        assert (promise.outcome, promise.late_by_seconds, promise.closed_at) == (outcome, seconds, incident.resolved_at)
        assert {step.skipped for step in promise.steps.all()} == {"the promise was closed"}
    assert claim_due_steps(now=NOW + 60 * MINUTE) == 1
