"""What the database refuses of incidents, whatever the program does."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from incidents.models import EtrAssessment, Incident, Milestone, PolicyDryRun, PromiseStep, Snooze, Update, UpdatePromise
from incidents.queries import open_promise
from incidents.services import record_milestone, snooze_promise, start_update
from tests.incidents.test_released import released
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update

pytestmark = pytest.mark.django_db


def refused(name: str, statement: str, *values: str | UUID | int | None) -> None:
    """The statement, in SQL, is refused by the constraint or trigger of that name (or says so)."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    diagnosis = getattr(caught.value.__cause__, "diag", None)
    assert diagnosis is not None
    assert name in {diagnosis.constraint_name, diagnosis.message_primary}


def test_incidents_own(cast: Cast) -> None:
    incident = make_incident()
    change = "UPDATE incidents_incident SET {} WHERE id = %s"
    refused("incidents_outage_scope_known", change.format("outage_scope = 'huge'"), incident.pk)
    refused("incidents_outage_scope_set_with_reason", change.format("outage_scope_reason = 'x'"), incident.pk)
    refused("incidents_outage_scope_set_with_reason", change.format("outage_scope_set_by_id = %s"), cast.comms.pk, incident.pk)


def test_kinds_of_updates(cast: Cast) -> None:
    incident = make_incident()
    wrong = released(cast, make_update(incident=incident))
    change = "UPDATE incidents_update SET {} WHERE id = %s"
    draft = make_update(incident=incident)
    refused("incidents_update_kind_stays", change.format("kind = 'drill'"), draft.pk)
    refused("incidents_update_kind_stays", change.format("corrects_id = %s, kind = 'correction'"), wrong.pk, draft.pk)
    drill = start_update(actor=cast.actor("comms"), now=NOW, incident=incident, status="investigating", kind="drill")
    refused("incidents_drill_never_released", change.format("state = 'released', released_at = now()"), drill.pk)
    insert = (
        "INSERT INTO incidents_update (public_id, incident_id, state, kind, corrects_id, created_by, created_at)"
        " VALUES ('abcdefghijkl', %s, 'draft', %s, %s, 'x', now())"
    )
    refused("incidents_update_kind_known", insert, incident.pk, "poem", None)
    refused("incidents_correction_names_what_it_corrects", insert, incident.pk, "correction", None)
    refused("incidents_corrects_released", insert, incident.pk, "correction", draft.pk)
    refused("incidents_corrects_released", insert, make_incident().pk, "retraction", wrong.pk)
    assert Update.objects.filter(kind="correction").count() == 0


def test_promises(cast: Cast) -> None:
    incident = make_incident()
    promise = open_promise(incident)
    assert promise is not None
    change = "UPDATE incidents_updatepromise SET {} WHERE id = %s"
    refused("incidents_promise_outcome_known", change.format("outcome = 'so-so', closed_at = due_at"), promise.pk)
    refused("incidents_promise_closed_with_outcome", change.format("closed_at = due_at"), promise.pk)
    refused("incidents_promise_kept_by_an_update", change.format("outcome = 'kept', closed_at = due_at"), promise.pk)
    withdrawn = "outcome = 'withdrawn', closed_at = due_at, kept_by_id = 1, untold = '{}'"
    refused("incidents_promise_kept_by_an_update", change.format(withdrawn), promise.pk)
    refused("incidents_promise_late_by_some_time", change.format("late_by_seconds = 5"), promise.pk)
    row = UpdatePromise(incident=incident, made_at=NOW, due_at=NOW, policy_version=1)
    with pytest.raises(IntegrityError, match="would wait for two promises"), transaction.atomic():
        row.save()
    step = promise.steps.get(step="due")
    with pytest.raises(IntegrityError, match="incidents_promise_step_once"), transaction.atomic():
        PromiseStep.objects.create(promise=promise, step="due", due_at=NOW)
    of_step = "UPDATE incidents_promisestep SET {} WHERE id = %s"
    refused("incidents_promise_step_known", of_step.format("step = 'shout'"), step.pk)
    refused("incidents_promise_step_fired_or_skipped", of_step.format("fired_at = now(), skipped = 'x'"), step.pk)


def test_what_became_of_a_promise_is_said_once_and_truly(cast: Cast) -> None:
    promise = open_promise(make_incident())
    assert promise is not None
    change = "UPDATE incidents_updatepromise SET {} WHERE id = %s"
    late = "outcome = 'late', late_by_seconds = {}, closed_at = due_at + interval '61.2 seconds'"
    refused("incidents_promise_late_when_late", change.format(late.format(61)), promise.pk)
    withdrawn = "outcome = 'withdrawn', closed_at = due_at {} interval '1 second'"
    refused("incidents_promise_late_when_late", change.format(withdrawn.format("+")), promise.pk)
    early = "outcome = 'late', late_by_seconds = 1, closed_at = due_at - interval '1 second'"
    refused("incidents_promise_late_when_late", change.format(early), promise.pk)
    with connection.cursor() as cursor:
        cursor.execute(change.format(late.format(62)), [promise.pk])
    reopen = "outcome = 'open', closed_at = NULL, late_by_seconds = 0"
    for what in (reopen, "due_at = due_at + interval '1 hour'", "late_by_seconds = 1", "id = id"):
        refused("incidents_promise_closed_once", change.format(what), promise.pk)
    refused("incidents_promise_closed_once", "DELETE FROM incidents_updatepromise WHERE id = %s", promise.pk)


def test_a_running_promise_keeps_what_it_promised(cast: Cast) -> None:
    incident = make_incident()
    first = open_promise(incident)
    assert first is not None
    change = "UPDATE incidents_updatepromise SET {} WHERE id = %s"
    refused("incidents_promise_not_moved", change.format("made_at = made_at + interval '1 hour'"), first.pk)
    refused("incidents_promise_not_moved", change.format("incident_id = %s"), make_incident().pk, first.pk)
    refused("incidents_promise_closed_once", "DELETE FROM incidents_updatepromise WHERE id = %s", first.pk)
    with connection.cursor() as cursor:
        # The policy may move what the policy asked for, until it is overdue and somebody was told so.
        cursor.execute(change.format("due_at = due_at + interval '1 minute', policy_minutes = 16"), [first.pk])
        cursor.execute(change.format("overdue_told_at = due_at, told_late = true"), [first.pk])
    refused("incidents_promise_not_moved", change.format("due_at = due_at + interval '1 minute'"), first.pk)
    refused("incidents_promise_not_moved", change.format("overdue_told_at = NULL"), first.pk)
    released(cast, make_update(incident=incident))
    readers = open_promise(incident)
    assert readers is not None
    assert readers.made_by is not None
    for what in ("due_at = due_at + interval '1 minute'", "policy_minutes = 1", "chosen_minutes = 1", "chosen_reason = 'x'"):
        refused("incidents_promise_not_moved", change.format(what), readers.pk)


def test_a_decision_and_a_line_of_the_timeline_stay_as_they_were(cast: Cast) -> None:
    incident = make_incident()
    decision, line = incident.decisions.get(), incident.timeline.first()
    assert line is not None
    for table, row in (("policydecision", decision.pk), ("timelineentry", line.pk)):
        for verb, statement in (("UPDATE", "UPDATE {} SET id = id WHERE id = %s"), ("DELETE", "DELETE FROM {} WHERE id = %s")):
            refused(f"incidents_{table} is never changed: {verb} refused", statement.format(f"incidents_{table}"), row)


def test_what_was_told_stays(cast: Cast) -> None:
    incident = make_incident()
    commander = cast.actor("commander")
    milestone = record_milestone(actor=commander, now=NOW, incident=incident, kind="detected")
    snooze = snooze_promise(actor=commander, now=NOW, incident=incident, minutes=5, reason="x")
    etr = EtrAssessment.objects.create(
        incident=incident, confidence="low", engineer=cast.comms, assessed_at=NOW, expires_at=NOW + timedelta(hours=1)
    )
    for table, row in (("milestone", milestone), ("snooze", snooze), ("etrassessment", etr)):
        for verb, statement in (("UPDATE", "UPDATE {} SET id = id WHERE id = %s"), ("DELETE", "DELETE FROM {} WHERE id = %s")):
            refused(f"incidents_{table} is never changed: {verb} refused", statement.format(f"incidents_{table}"), row.pk)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("incidents_milestone_kind_known", {"kind": "party"}),
        ("incidents_milestone_source_known", {"source": "rumour"}),
        ("incidents_milestone_not_ahead", {"at": NOW + timedelta(seconds=1)}),
    ],
)
def test_milestones(name: str, wrong: dict[str, object]) -> None:
    good = {"kind": "detected", "at": NOW, "source": "person", "by_ref": "x", "recorded_at": NOW}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Milestone.objects.create(incident=make_incident(), **(good | wrong))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("incidents_etr_confidence_known", {"confidence": "sure"}),
        ("incidents_etr_in_the_future", {"expected_at": NOW}),
        ("incidents_etr_expires_later", {"expires_at": NOW}),
    ],
)
def test_expected_times(cast: Cast, name: str, wrong: dict[str, object]) -> None:
    good = {"confidence": "low", "engineer": cast.comms, "assessed_at": NOW, "expires_at": NOW + timedelta(hours=1)}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        EtrAssessment.objects.create(incident=make_incident(), **(good | wrong))


@pytest.mark.parametrize(
    ("name", "wrong"), [("incidents_snooze_ends_later", {"until": NOW}), ("incidents_snooze_has_reason", {"reason": ""})]
)
def test_snoozes(cast: Cast, name: str, wrong: dict[str, object]) -> None:
    promise = open_promise(make_incident())
    good = {"promise": promise, "by": cast.comms, "until": NOW + timedelta(minutes=1), "reason": "x", "at": NOW}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Snooze.objects.create(**(good | wrong))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("incidents_dry_run_state_known", {"state": "asleep", "finished_at": NOW}),
        ("incidents_dry_run_finished_has_time", {"state": "done"}),
    ],
)
def test_dry_runs(cast: Cast, name: str, wrong: dict[str, object]) -> None:
    good = {"version": 1, "against": 1, "rules": [], "started_by": cast.admin, "started_at": NOW, "upto_id": 0, "total": 0}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PolicyDryRun.objects.create(**(good | wrong))
    PolicyDryRun.objects.create(**good)
    with pytest.raises(IntegrityError, match="incidents_dry_run_one_at_a_time"), transaction.atomic():
        PolicyDryRun.objects.create(**good)
    assert Incident.objects.count() == 0
