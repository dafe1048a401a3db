"""What each role may do, where much depends on who may not."""

from datetime import timedelta

import pytest

from accounts.actors import CONFIRM_SECOND_FACTOR, STEP_UP_LASTS
from accounts.rules.duties import IN_WORDS, PERMISSION_OF, Duty
from accounts.rules.roles import PERMISSIONS, Permission, Role, permissions_of
from accounts.rules.scopes import Scope
from accounts.rules.scopes import permissions_of as permissions_of_scopes
from core.errors import Forbidden, SecondFactorRequired
from tests.support.cast import NOW, PEOPLE, Cast
from tests.support.second_factor import give_app


def holders(permission: Permission) -> set[Role]:
    return {role for role, held in PERMISSIONS.items() if permission in held}


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.REVIEW_LEGAL, {Role.LEGAL}),
        (Permission.REVIEW_PUBLIC_RELATIONS, {Role.PUBLIC_RELATIONS}),
        (Permission.DISPUTE_RULE, {Role.ARBITER}),
        (Permission.RELEASE_OVERRIDE, {Role.OVERRIDE_HOLDER}),
        (Permission.RELEASE_RATIFY, {Role.COMMANDER, Role.OVERRIDE_HOLDER, Role.LEGAL}),
        (Permission.RELEASE_HOLD, {Role.COMMANDER, Role.LEGAL, Role.PUBLIC_RELATIONS, Role.ADMINISTRATOR}),
        (Permission.INCIDENT_UNFLAG, {Role.LEGAL}),
        (Permission.POLICY_WRITE, {Role.COMMANDER, Role.ADMINISTRATOR}),
        (Permission.POLICY_ACTIVATE, {Role.COMMANDER, Role.ADMINISTRATOR}),
        (Permission.ROSTER_WRITE, {Role.COMMANDER, Role.MANAGER, Role.ADMINISTRATOR}),
        (Permission.TRAINING_WRITE, {Role.ADMINISTRATOR}),
        (Permission.ESCALATION_TAKE, {Role.MANAGER}),
        (Permission.DRILL_OUTSIDE, {Role.MANAGER, Role.ADMINISTRATOR}),
    ],
)
def test_a_grave_permission_is_held_by_exactly_these_roles(permission: Permission, roles: set[Role]) -> None:
    assert holders(permission) == roles


def test_whoever_may_read_incidents_may_read_the_roster() -> None:
    assert holders(Permission.ROSTER_READ) == holders(Permission.INCIDENT_READ) == set(Role)


def test_an_administrator_neither_judges_wording_nor_lets_it_out() -> None:
    acts = {*PERMISSION_OF.values(), Permission.UPDATE_RELEASE, Permission.RELEASE_RATIFY, Permission.INCIDENT_UNFLAG}
    assert acts & permissions_of(frozenset({Role.ADMINISTRATOR})) == set()


def test_an_auditor_changes_nothing() -> None:
    assert {held.value.rpartition(".")[2] for held in PERMISSIONS[Role.AUDITOR]} == {"read"}


def test_each_duty_has_words_and_a_permission_that_somebody_in_the_cast_holds() -> None:
    for duty in Duty:
        assert IN_WORDS[duty]
        assert [name for name, roles in PEOPLE.items() if PERMISSION_OF[duty] in permissions_of(frozenset(roles))]


def test_no_token_reaches_a_duty() -> None:
    assert permissions_of_scopes(frozenset(Scope)) & set(PERMISSION_OF.values()) == set()


def test_the_second_factor_counts_for_five_minutes_and_the_password_is_no_second_factor(cast: Cast) -> None:
    give_app(cast.override)
    fresh = cast.actor("override", second_factor=True)
    assert fresh.require_second_factor(NOW + STEP_UP_LASTS) == cast.override
    with pytest.raises(SecondFactorRequired, match="five minutes") as refused:
        fresh.require_second_factor(NOW + STEP_UP_LASTS + timedelta(seconds=1))
    assert refused.value.where == CONFIRM_SECOND_FACTOR
    with pytest.raises(SecondFactorRequired):
        cast.actor("override", stepped_up=True).require_second_factor(NOW)


def test_a_program_has_no_second_factor(cast: Cast) -> None:
    with pytest.raises(Forbidden, match="signed-in person"):
        cast.program("override", *Scope).require_second_factor(NOW)
