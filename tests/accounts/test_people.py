"""People, roles and teams."""

import pytest

from accounts.models import User
from accounts.rules.roles import Permission, Role
from accounts.services.people import create_team, create_user, set_roles
from core.errors import Forbidden, InvalidInput
from tests.support.cast import NOW, PASSWORD, Cast


def test_an_administrator_makes_a_person_who_can_sign_in(cast: Cast) -> None:
    user = create_user(
        actor=cast.actor("admin"),
        now=NOW,
        username="ada",
        email="ada@example.com",
        display_name="Ada",
        time_zone="Europe/Berlin",
        roles=[Role.COMMANDER],
        password=PASSWORD,
    )
    stored = User.objects.get(pk=user.pk)
    assert stored.check_password(PASSWORD)
    assert Permission.UPDATE_RELEASE in stored.granted
    assert str(stored.get_full_name()) == "Ada"


def test_a_person_without_a_password_cannot_sign_in(cast: Cast) -> None:
    user = create_user(actor=cast.actor("admin"), now=NOW, username="ada", email="")
    assert not user.has_usable_password()


@pytest.mark.parametrize("name", ["outsider", "commander", "auditor"])
def test_others_make_no_people_no_teams_and_give_no_roles(cast: Cast, name: str) -> None:
    actor = cast.actor(name)
    with pytest.raises(Forbidden):
        create_user(actor=actor, now=NOW, username="ada", email="")
    with pytest.raises(Forbidden):
        create_team(actor=actor, now=NOW, key="support", name="Support")
    with pytest.raises(Forbidden):
        set_roles(actor=actor, now=NOW, user=cast.user(name), roles=[Role.ADMINISTRATOR])
    assert not User.objects.filter(username="ada").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": "commander"}, "username"),
        ({"username": "a b"}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"email": "Commander@EXAMPLE.com"}, "email"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"password": "123"}, "password"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_field(cast: Cast, wrong: dict[str, str], field: str) -> None:
    given = {"username": "ada", "email": "ada@example.com", "password": PASSWORD} | wrong
    with pytest.raises(InvalidInput) as refused:
        create_user(actor=cast.actor("admin"), now=NOW, **given)  # type: ignore[arg-type]  # strings by name
    assert list(refused.value.fields) == [field]


def test_changed_roles_hold_at_once_and_are_recorded(cast: Cast) -> None:
    set_roles(actor=cast.actor("admin"), now=NOW, user=cast.legal, roles=[Role.LEGAL, Role.ARBITER])
    assert User.objects.get(pk=cast.legal.pk).roles == {Role.LEGAL, Role.ARBITER}


def test_the_members_of_a_team_are_in_its_group(cast: Cast) -> None:
    team = create_team(actor=cast.actor("admin"), now=NOW, key="support", name="Support", members=[cast.comms, cast.legal])
    assert set(team.group.user_set.all()) == {cast.comms, cast.legal}
    with pytest.raises(InvalidInput, match="Correct"):
        create_team(actor=cast.actor("admin"), now=NOW, key="support", name="Again")


def test_a_deactivated_person_holds_no_permission(cast: Cast) -> None:
    cast.commander.is_active = False
    cast.commander.save()
    assert cast.actor("commander").permissions == frozenset()
