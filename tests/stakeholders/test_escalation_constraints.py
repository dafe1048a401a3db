"""What the database itself refuses of escalation trees, runs and drills, tried by direct SQL."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from stakeholders.models import (
    Acknowledgement,
    Audience,
    Drill,
    EscalationCall,
    EscalationRun,
    EscalationRunStep,
    EscalationStep,
    EscalationTarget,
    EscalationTree,
    Stakeholder,
)
from stakeholders.rules.kinds import StakeholderKind
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def refused(sql: str, *values: Any) -> str:
    """The constraint that refuses the statement."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(getattr(caught.value.__cause__, "diag", None).constraint_name)  # type: ignore[union-attr]


def tree(key: str = "night") -> EscalationTree:
    return EscalationTree.objects.create(key=key, name=key, created_at=NOW)


def step(of: EscalationTree, position: int = 1) -> EscalationStep:
    return EscalationStep.objects.create(tree=of, position=position)


def run(cast: Cast) -> EscalationRun:
    return EscalationRun.objects.create(
        tree=tree(), tree_edition=1, title="Somebody is needed", started_by=cast.commander, started_at=NOW, gives_up_at=NOW
    )


def run_step(cast: Cast) -> EscalationRunStep:
    return EscalationRunStep.objects.create(run=run(cast), number=1, path="night", position=1, targets=[], due_at=NOW)


def drill(cast: Cast) -> Drill:
    return Drill.objects.create(
        tree=tree(), title="A drill", planned_for=NOW, closes_at=NOW + timedelta(hours=1), planned_by=cast.comms, planned_at=NOW
    )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE stakeholders_escalationtree SET covered_from = '09:00'", "stakeholders_tree_hours_whole"),
        ("UPDATE stakeholders_escalationtree SET covered_from = '09:00', covered_until = '09:00'", "stakeholders_tree_hours_whole"),
        ("UPDATE stakeholders_escalationtree SET covered_days = '{}'", "stakeholders_tree_days_of_the_week"),
        ("UPDATE stakeholders_escalationtree SET covered_days = '{7}'", "stakeholders_tree_days_of_the_week"),
        ("UPDATE stakeholders_escalationtree SET gives_up_after = 0", "stakeholders_tree_gives_up_in_time"),
        ("UPDATE stakeholders_escalationtree SET drill_every_days = 0", "stakeholders_tree_drill_interval"),
    ],
)
def test_a_tree_is_whole(change: str, constraint: str) -> None:
    tree()
    assert refused(change) == constraint


def test_a_step_has_a_place_of_its_own_and_waits() -> None:
    first = step(tree())
    step(first.tree, 2)
    assert refused("UPDATE stakeholders_escalationstep SET position = 1") == "stakeholders_step_position_once"
    assert refused("UPDATE stakeholders_escalationstep SET position = 0 WHERE id = %s", first.pk) == "stakeholders_step_counted_from_one"
    assert refused("UPDATE stakeholders_escalationstep SET wait_minutes = 0") == "stakeholders_step_waits_some_time"


def test_a_target_is_one_thing_once() -> None:
    of, other = step(tree()), tree("other")
    person = Stakeholder.objects.create(kind=StakeholderKind.PERSON, name="Ada", created_at=NOW)
    insert = (
        "INSERT INTO stakeholders_escalationtarget (step_id, position, stakeholder_id, duty, ring, tree_id) VALUES (%s, 0, %s, %s, %s, %s)"
    )
    assert refused(insert, of.pk, None, "", "", None) == "stakeholders_target_is_one_thing"
    assert refused(insert, of.pk, person.pk, "", "", other.pk) == "stakeholders_target_is_one_thing"
    assert refused(insert, of.pk, None, "gardening", "on_duty", None) == "stakeholders_target_is_one_thing"
    EscalationTarget.objects.create(step=of, stakeholder=person)
    EscalationTarget.objects.create(step=of, tree=other)
    EscalationTarget.objects.create(step=of, duty="legal", ring="on_duty")
    assert refused(insert, of.pk, person.pk, "", "", None) == "stakeholders_target_person_once"
    assert refused(insert, of.pk, None, "", "", other.pk) == "stakeholders_target_tree_once"
    assert refused(insert, of.pk, None, "legal", "on_duty", None) == "stakeholders_target_duty_once"


def test_no_tree_leads_back_to_itself_by_however_many_others() -> None:
    first, second, third = tree("first"), tree("second"), tree("third")
    EscalationTarget.objects.create(step=step(first), tree=second)
    EscalationTarget.objects.create(step=step(second), tree=third)
    last = step(third)
    insert = "INSERT INTO stakeholders_escalationtarget (step_id, position, duty, ring, tree_id) VALUES (%s, 0, '', '', %s)"
    assert refused(insert, last.pk, first.pk) == "stakeholders_escalation_no_circle"
    assert refused(insert, last.pk, third.pk) == "stakeholders_escalation_no_circle"


def test_a_run_stays_as_it_was_and_ends_once(cast: Cast) -> None:
    run(cast)
    assert refused("UPDATE stakeholders_escalationrun SET title = 'Another'") == "stakeholders_run_kept"
    assert refused("UPDATE stakeholders_escalationrun SET ended_at = now()") == "stakeholders_run_ends_somehow"
    assert refused("UPDATE stakeholders_escalationrun SET ended_at = now(), ending = 'stopped'") == "stakeholders_run_stopped_with_reason"
    EscalationRun.objects.update(ended_at=NOW, ending="acknowledged")
    assert refused("UPDATE stakeholders_escalationrun SET ended_at = NULL, ending = ''") == "stakeholders_run_kept"
    assert refused("DELETE FROM stakeholders_escalationrun") == "stakeholders_run_kept"


def test_a_step_of_a_run_is_told_or_skipped_once(cast: Cast) -> None:
    made = run_step(cast)
    assert refused("UPDATE stakeholders_escalationrunstep SET targets = '[1]'") == "stakeholders_run_step_kept"
    assert refused("UPDATE stakeholders_escalationrunstep SET fired_at = now(), skipped = true") == "stakeholders_run_step_told_or_skipped"
    assert (
        refused(
            "INSERT INTO stakeholders_escalationrunstep (run_id, number, path, position, targets, due_at, told_late, skipped)"
            " VALUES (%s, 1, '', 1, '[]', now(), false, false)",
            made.run_id,
        )
        == "stakeholders_run_step_once"
    )
    EscalationRunStep.objects.update(fired_at=NOW)
    assert refused("UPDATE stakeholders_escalationrunstep SET fired_at = NULL") == "stakeholders_run_step_kept"
    assert refused("DELETE FROM stakeholders_escalationrunstep") == "stakeholders_run_step_kept"


def test_who_was_called_stays_and_is_called_once_by_a_step(cast: Cast) -> None:
    made = run_step(cast)
    EscalationCall.objects.create(run_step=made, user=cast.legal, name="Legal", called_at=NOW)
    insert = (
        "INSERT INTO stakeholders_escalationcall (run_step_id, stakeholder_id, user_id, name, passed_over, called_at)"
        " VALUES (%s, %s, %s, '', '', now())"
    )
    assert refused(insert, made.pk, None, cast.legal.pk) == "stakeholders_call_user_once"
    person = Stakeholder.objects.create(kind=StakeholderKind.PERSON, name="Ada", created_at=NOW)
    assert refused(insert, made.pk, person.pk, cast.legal.pk) == "stakeholders_call_one_person"
    EscalationCall.objects.create(run_step=made, stakeholder=person, name="Ada", called_at=NOW)
    assert refused(insert, made.pk, person.pk, None) == "stakeholders_call_person_once"
    assert refused("UPDATE stakeholders_escalationcall SET name = 'Bob'") == "stakeholders_call_kept"
    assert refused("DELETE FROM stakeholders_escalationcall") == "stakeholders_call_kept"


def test_an_answer_stays_and_is_given_once_by_each(cast: Cast) -> None:
    of, exercise = run(cast), Drill.objects.create(
        audience=Audience.objects.all()[0],
        title="D", planned_for=NOW, closes_at=NOW + timedelta(hours=1), planned_by=cast.comms, planned_at=NOW,
    )  # fmt: skip
    person = Stakeholder.objects.create(kind=StakeholderKind.PERSON, name="Ada", created_at=NOW)
    for answered in ({"run": of}, {"drill": exercise}):
        Acknowledgement.objects.create(**answered, user=cast.legal, name="Legal", how="page", at=NOW)
        Acknowledgement.objects.create(**answered, stakeholder=person, name="Ada", how="link", at=NOW)
    insert = (
        "INSERT INTO stakeholders_acknowledgement (run_id, drill_id, stakeholder_id, user_id, name, how, at)"
        " VALUES (%s, %s, %s, %s, '', %s, now())"
    )
    assert refused(insert, of.pk, None, None, cast.legal.pk, "page") == "stakeholders_run_answered_once_by_user"
    assert refused(insert, of.pk, None, person.pk, None, "page") == "stakeholders_run_answered_once"
    assert refused(insert, None, exercise.pk, None, cast.legal.pk, "page") == "stakeholders_drill_answered_once_by_user"
    assert refused(insert, None, exercise.pk, person.pk, None, "page") == "stakeholders_drill_answered_once"
    assert refused(insert, of.pk, None, None, cast.comms.pk, "fax") == "stakeholders_answer_how_known"
    assert refused(insert, of.pk, exercise.pk, None, cast.comms.pk, "page") == "stakeholders_answer_to_one_thing"
    assert refused(insert, of.pk, None, None, None, "page") == "stakeholders_answer_of_one_person"
    assert refused("UPDATE stakeholders_acknowledgement SET at = now()") == "stakeholders_answer_kept"
    assert refused("DELETE FROM stakeholders_acknowledgement") == "stakeholders_answer_kept"


def test_a_drill_goes_to_one_thing_and_ends_after_it_begins(cast: Cast) -> None:
    drill(cast)
    audience = Audience.objects.all()[0]
    assert refused("UPDATE stakeholders_drill SET audience_id = %s", audience.pk) == "stakeholders_drill_one_subject"
    assert refused("UPDATE stakeholders_drill SET closes_at = planned_for") == "stakeholders_drill_closes_after_it_begins"
    assert refused("UPDATE stakeholders_drill SET cancelled_at = now()") == "stakeholders_drill_cancelled_with_reason"
    assert refused("UPDATE stakeholders_drill SET closed_at = now()") == "stakeholders_drill_closed_was_started"


def test_a_drill_that_has_begun_stays_as_it_was(cast: Cast) -> None:
    drill(cast)
    Drill.objects.update(title="Planned otherwise", started_at=NOW)
    assert refused("UPDATE stakeholders_drill SET title = 'Another'") == "stakeholders_drill_kept"
    assert refused("DELETE FROM stakeholders_drill") == "stakeholders_drill_kept"
    Drill.objects.update(closed_at=NOW)
    assert refused("UPDATE stakeholders_drill SET closed_at = NULL") == "stakeholders_drill_kept"
