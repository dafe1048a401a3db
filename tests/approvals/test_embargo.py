"""What the policy forbids, an embargo or a channel, holds when it is planned, when it is released and while it is sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from approvals.queries.sending import standing_of
from approvals.services import run_due_schedules
from core.errors import Conflict
from incidents.models import Update
from notifications.models import Delivery, DeliveryRun, Message
from notifications.rules.states import WAITING
from notifications.services import claim_and_send
from tests.approvals.acts import SOON, approved, release, schedule, state
from tests.approvals.disputing import LATER, half_reviewed, override
from tests.support.cast import NOW, Cast
from tests.support.policies import put_in_force, rules_in_force
from tests.support.releases import subscribers

pytestmark = pytest.mark.django_db

# Longer than until SOON and LATER, an hour after NOW.
EMBARGO: dict[str, Any] = {"embargo": {"minutes_after_opening": 90, "until": None, "audiences": []}}
NO_PAGE: dict[str, Any] = {"forbidden_channels": ["page"]}
FORBIDDEN = pytest.mark.parametrize(("then", "code"), [(EMBARGO, "embargo"), (NO_PAGE, "forbidden_channel")])


@FORBIDDEN
def test_what_the_policy_forbids_is_neither_released_nor_planned(cast: Cast, then: dict[str, Any], code: str) -> None:
    update = approved(cast)
    put_in_force(cast, rules_in_force(**then))
    for act in (release, schedule):
        with pytest.raises(Conflict) as refusal:
            act(cast, update)
        assert refusal.value.code == code
    assert state(update) == "approved"


def test_it_may_be_planned_for_the_minute_at_which_the_embargo_ends(cast: Cast) -> None:
    put_in_force(cast, rules_in_force(**EMBARGO))
    update = approved(cast)
    ends = update.incident.opened_at + timedelta(minutes=90)
    with pytest.raises(Conflict):
        schedule(cast, update, at=ends - timedelta(minutes=1))
    schedule(cast, update, at=ends)
    assert run_due_schedules(now=ends) == 1


@FORBIDDEN
def test_a_plan_is_held_for_what_the_policy_forbids_by_then(cast: Cast, then: dict[str, Any], code: str) -> None:
    update = approved(cast)
    plan = schedule(cast, update)
    put_in_force(cast, rules_in_force(**then))
    assert run_due_schedules(now=SOON) == 0
    plan.refresh_from_db()
    assert (plan.state, state(update)) == ("held", "approved")
    assert ("may not hear of this until" if code == "embargo" else "forbids the channel") in plan.reason


@FORBIDDEN
def test_no_override_passes_it(cast: Cast, then: dict[str, Any], code: str) -> None:
    update = half_reviewed(cast)
    put_in_force(cast, rules_in_force(**then))
    with pytest.raises(Conflict) as refusal:
        override(cast, update, now=LATER)
    assert refusal.value.code == code


@FORBIDDEN
def test_what_is_not_sent_yet_stops_once_the_policy_forbids_it(cast: Cast, then: dict[str, Any], code: str) -> None:
    subscribers("ada@example.com")
    done = release(cast, approved(cast))
    assert standing_of([done.pk], NOW)[done.pk].reason == ""
    put_in_force(cast, rules_in_force(**then))
    assert ("may not hear of this until" if code == "embargo" else "forbids the channel") in standing_of([done.pk], NOW)[done.pk].reason
    # The letters to reviewers are not what is tried here.
    DeliveryRun.objects.exclude(message__release=done).update(due_at=Now() + timedelta(hours=1))
    claim_and_send(now_fn=lambda: NOW + timedelta(minutes=1))
    assert Message.objects.get(release=done).stopped_reason
    waiting = Delivery.objects.get(message__release=done)
    assert (waiting.state in WAITING, waiting.attempts.count()) == (True, 0)


def test_what_an_embargo_stopped_goes_on_when_it_has_ended(cast: Cast) -> None:
    done = release(cast, approved(cast))
    put_in_force(cast, rules_in_force(**EMBARGO))
    incident = Update.objects.get(pk=done.update_of_id).incident
    ends = incident.opened_at + timedelta(minutes=90)
    assert standing_of([done.pk], ends - timedelta(seconds=1))[done.pk].reason
    assert standing_of([done.pk], ends)[done.pk].reason == ""
