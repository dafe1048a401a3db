"""Many clocks and many answers at once: a step is told once, and one answer ends the run."""

from datetime import timedelta

import pytest
from django.db import transaction

from notifications.models import Delivery
from stakeholders.models import Acknowledgement, EscalationCall, EscalationRun
from stakeholders.services.acknowledge import acknowledge_run
from stakeholders.services.escalation_runs import start_run
from stakeholders.services.run_escalations import run_escalations
from tests.support.cast import NOW, Cast
from tests.support.escalation import colleague, make_tree, to
from tests.support.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=10)


def started(cast: Cast) -> EscalationRun:
    tree = make_tree(cast, (10, (to(colleague(cast, "techlead")),)), (10, (to(colleague(cast, "comms")),)))
    return start_run(actor=cast.actor("commander"), now=NOW, tree=tree, title="Checkout is down")


def test_eight_clocks_tell_a_step_once(cast: Cast) -> None:
    started(cast)
    assert at_once(*[lambda: run_escalations(now=LATER)] * 8) == []
    assert list(EscalationCall.objects.values_list("name", flat=True)) == ["Techlead", "Comms"]
    assert Delivery.objects.count() == 2


def test_a_run_that_another_worker_holds_is_passed_over(cast: Cast) -> None:
    run = started(cast)
    told: list[int] = []
    with transaction.atomic():
        EscalationRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        assert at_once(lambda: told.append(run_escalations(now=LATER))) == []
    assert told == [0]
    assert run_escalations(now=LATER) == 1


def test_an_answer_beside_the_clock_either_comes_first_or_after(cast: Cast) -> None:
    run = started(cast)
    techlead = cast.actor("techlead")
    acts = [lambda: acknowledge_run(actor=techlead, now=LATER, run=run), lambda: run_escalations(now=LATER)] * 4
    assert at_once(*acts) == []
    run.refresh_from_db()
    assert (run.ending, Acknowledgement.objects.count()) == ("acknowledged", 1)
    second = run.steps.get(number=2)
    assert second.skipped == (second.fired_at is None)
    assert run_escalations(now=LATER + timedelta(days=1)) == 0
