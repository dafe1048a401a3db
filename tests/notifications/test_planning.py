"""Working off a plan: in pieces, in parts that several workers take at once, each recipient once."""

from collections import Counter

import pytest
from django.db import IntegrityError

from approvals.models import Release
from notifications.models import Delivery, DeliveryRun, Message, PlanStep
from notifications.queries.counts import counts_of
from notifications.services import expand
from notifications.services.expand import expand_for
from notifications.services.plan_rows import insert_from
from tests.notifications.test_escalation_races import at_once
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers

READERS = [f"reader{number:02}@example.com" for number in range(60)]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "PIECE", 5)
    monkeypatch.setattr(expand, "FIRST_PIECES", 5)
    monkeypatch.setattr("notifications.services.plan_rows.RUN", 2)


def planned(release: Release) -> Counter[str]:
    return Counter(Delivery.objects.filter(message__release=release).values_list("contact_point__address", flat=True))


@pytest.fixture
def begun(cast: Cast, small_pieces: None) -> Release:
    """A release to sixty readers of which the first few are planned."""
    subscribers(*READERS)
    done = released(cast)
    assert 0 < sum(planned(done).values()) < len(READERS)
    return done


@pytest.mark.django_db
def test_a_pass_with_much_left_is_halved_and_each_reader_is_planned_once(begun: Release) -> None:
    parts = PlanStep.objects.filter(message__release=begun, channel="email", lane=2).order_by("after_id")
    assert parts.count() == 2
    assert parts[0].upto_id == parts[1].after_id, "nobody is left out between two halves, and nobody is in both"
    expand_for(10, now=NOW)
    assert planned(begun) == Counter(READERS)
    assert not PlanStep.objects.exists()
    assert Message.objects.get(release=begun).planned_at is not None


@pytest.mark.django_db
def test_a_pass_is_in_no_more_parts_than_planners(begun: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    plan_piece = expand._plan_piece

    def counting(step: PlanStep, *, size: int) -> object:
        nonlocal most
        made = plan_piece(step, size=size)
        most = max(most, PlanStep.objects.filter(message=step.message, position=step.position).count())
        return made

    monkeypatch.setattr(expand, "_plan_piece", counting)
    expand_for(10, now=NOW)
    assert most == expand.PLANNERS


@pytest.mark.django_db
def test_runs_hold_each_delivery_once_and_no_more_than_they_may(begun: Release) -> None:
    expand_for(10, now=NOW)
    runs = {run.pk: run for run in DeliveryRun.objects.filter(message__release=begun)}
    for delivery in Delivery.objects.filter(message__release=begun):
        assert runs[delivery.run_id].first_id <= delivery.pk <= runs[delivery.run_id].last_id
    assert sum(run.size for run in runs.values()) == len(READERS)
    assert max(run.size for run in runs.values()) == 2


@pytest.mark.django_db
def test_what_is_planned_already_stays_and_the_rest_of_the_piece_is_planned(begun: Release) -> None:
    before = dict(Delivery.objects.filter(message__release=begun).values_list("contact_point__address", "pk"))
    lower = PlanStep.objects.filter(message__release=begun, channel="email", lane=2).earliest("after_id")
    PlanStep.objects.filter(pk=lower.pk).update(after_id=0)
    expand_for(10, now=NOW)
    assert planned(begun) == Counter(READERS)
    after = dict(Delivery.objects.filter(message__release=begun).values_list("contact_point__address", "pk"))
    assert before.items() <= after.items()
    message = Message.objects.get(release=begun)
    assert counts_of([message.pk])[message.pk] == {"planned": len(READERS)}


@pytest.mark.django_db
def test_a_refusal_of_another_kind_is_not_taken_for_a_row_that_is_there(begun: Release) -> None:
    source = "SELECT 1 AS place, 987654321 AS contact_point, NULL::uuid AS app_user, NULL::bigint AS audience"
    with pytest.raises(IntegrityError, match="refers to what does not exist"):
        insert_from(Message.objects.get(release=begun), source, {}, lane=2, channel="email", purpose="release")


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_plan_each_reader_once(begun: Release) -> None:
    assert at_once(*[lambda: expand_for(20, now=NOW)] * 4) == []
    expand_for(20, now=NOW)
    assert planned(begun) == Counter(READERS)
    assert Message.objects.get(release=begun).planned_at is not None
