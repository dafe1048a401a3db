"""Who can act, read from the rows."""

from datetime import time, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.queries import persons_of
from accounts.queries.availability import (
    Gap,
    coverage,
    deputies_of,
    facts_at,
    manager_on_duty,
    on_duty,
    standings,
    standings_in,
    stretches_in,
)
from accounts.queries.roster_facts import roster_facts
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from accounts.services.people import create_user, set_roles
from tests.support.cast import NOW, Cast
from tests.support.roster import away, handed_over, on_rota, trained, untrained

HOUR = timedelta(hours=1)


def test_every_holder_of_the_role_stands_without_a_rota(cast: Cast) -> None:
    found = standings(duty=Duty.TECHNICAL, at=NOW)
    assert [(one.user, one.can_act, one.tier, one.reasons) for one in found] == [
        (cast.techlead, True, 0, ()),
        (cast.techlead2, True, 0, ()),
    ]


@pytest.mark.parametrize("duty", list(Duty))
def test_the_cast_covers_each_duty_for_a_week(cast: Cast, duty: Duty) -> None:
    assert on_duty(duty=duty, at=NOW)
    assert coverage(duty=duty, start=NOW, end=NOW + timedelta(days=7)) == []


def test_the_rota_the_deputy_and_the_absence_decide_who_is_asked(cast: Cast) -> None:
    on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    assert on_duty(duty=Duty.TECHNICAL, at=NOW) == [cast.techlead]
    assert deputies_of(duty=Duty.TECHNICAL, at=NOW) == [cast.techlead2]
    away(cast.techlead, since=NOW - HOUR, hours=2)
    assert on_duty(duty=Duty.TECHNICAL, at=NOW) == [cast.techlead2]
    assert [(one.user, one.tier, one.reasons) for one in standings(duty=Duty.TECHNICAL, at=NOW)] == [
        (cast.techlead, 0, ("absent until 2 March 2026, 15:00 UTC",)),
        (cast.techlead2, 1, ()),
    ]


def test_a_handover_calls_in_the_taker(cast: Cast) -> None:
    on_rota(Duty.COMMUNICATIONS, cast.comms)
    handed_over(Duty.COMMUNICATIONS, cast.comms, cast.comms2)
    assert on_duty(duty=Duty.COMMUNICATIONS, at=NOW) == [cast.comms2]


def test_a_handover_gives_no_role(cast: Cast) -> None:
    on_rota(Duty.COMMUNICATIONS, cast.comms)
    handed_over(Duty.COMMUNICATIONS, cast.comms, cast.responder)
    assert cast.responder not in [one.user for one in standings(duty=Duty.COMMUNICATIONS, at=NOW)]
    assert on_duty(duty=Duty.COMMUNICATIONS, at=NOW) == []


def test_training_that_ran_out_or_was_withdrawn_does_not_count(cast: Cast) -> None:
    untrained(cast.legal)
    assert standings(duty=Duty.LEGAL, at=NOW)[0].reasons == ("has no training",)
    trained(cast.legal, Duty.LEGAL, at=NOW - 48 * HOUR, until=NOW - 24 * HOUR)
    assert standings(duty=Duty.LEGAL, at=NOW)[0].reasons == ("training ran out on 1 March 2026",)
    assert standings(duty=Duty.LEGAL, at=NOW, training_required=False)[0].can_act
    assert coverage(duty=Duty.LEGAL, start=NOW, end=NOW + HOUR) == [Gap(NOW, NOW + HOUR, nobody_at_all=True)]


def test_who_left_or_lost_the_role_is_not_asked(cast: Cast) -> None:
    on_rota(Duty.LEGAL, cast.legal)
    set_roles(actor=cast.actor("admin"), now=NOW, user=cast.legal, roles=[])
    User.objects.filter(pk=cast.pr.pk).update(is_active=False)
    assert standings(duty=Duty.LEGAL, at=NOW) == standings(duty=Duty.PUBLIC_RELATIONS, at=NOW) == []


def test_a_contributors_second_account_is_excluded_with_the_first(cast: Cast) -> None:
    second = create_user(actor=cast.actor("admin"), now=NOW, username="kim2", email="comms+2@example.com", roles=[Role.COMMS_REVIEWER])
    trained(second, Duty.COMMUNICATIONS, at=NOW - HOUR, until=NOW + 1000 * HOUR)
    found = standings(duty=Duty.COMMUNICATIONS, at=NOW, excluding=persons_of([cast.comms.pk]))
    assert {one.user.username: one.can_act for one in found} == {"comms": False, "kim2": False, "comms2": True}


def test_hours_outside_every_shift_are_a_gap_that_somebody_off_duty_could_fill(cast: Cast) -> None:
    for weekday in range(7):
        on_rota(Duty.LEGAL, cast.legal, weekday=weekday, starts=time(8), ends=time(20))
    assert coverage(duty=Duty.LEGAL, start=NOW, end=NOW + 24 * HOUR) == [Gap(NOW + 6 * HOUR, NOW + 18 * HOUR, nobody_at_all=False)]


def test_the_manager_on_duty_is_the_rotas_else_whoever_has_the_role_and_is_there(cast: Cast) -> None:
    assert manager_on_duty(NOW) == cast.manager
    on_rota(Duty.MANAGER_ON_DUTY, cast.manager, weekday=3)
    assert manager_on_duty(NOW) == cast.manager
    away(cast.manager)
    assert manager_on_duty(NOW) is None


def test_any_number_of_duties_and_people_take_the_same_few_queries(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for weekday in range(7):
        on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2, weekday=weekday)
    away(cast.comms)
    with django_assert_num_queries(6):
        standings(duty=Duty.TECHNICAL, at=NOW)
    with django_assert_num_queries(6):
        facts = roster_facts(Duty, start=NOW, end=NOW + timedelta(days=7))
        for duty in Duty:
            assert stretches_in(facts, duty=duty, start=NOW, end=NOW + timedelta(days=7))
    with django_assert_num_queries(6):
        now = facts_at(Duty, NOW)
        assert all(standings_in(now, duty=duty, at=NOW) for duty in Duty)
