"""People, the roles they hold and the teams they belong to."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import available_timezones

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import RoleAssignment, Team, TeamMembership, User
from accounts.rules.roles import Permission, Role
from accounts.services.persons import join_same_mailbox
from audit.services import unit_of_work
from core.errors import InvalidInput


def create_user(
    *,
    actor: Actor,
    now: datetime,
    username: str,
    email: str,
    display_name: str = "",
    time_zone: str = "UTC",
    roles: Iterable[Role] = (),
    password: str | None = None,
    check_password: bool = True,
) -> User:
    """A person who may sign in. Without `password` they cannot until one is set.

    `check_password=False` leaves the password's strength unchecked: for throw-away data only.
    Raises `InvalidInput` naming the field at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ADMINISTER)
        if time_zone not in available_timezones():
            raise InvalidInput(
                "Unknown time zone.", fields={"time_zone": [f"“{time_zone}” is no IANA name; write for instance Europe/Berlin."]}
            )
        user = User(username=username, email=email, display_name=display_name, time_zone=time_zone, date_joined=now)
        if password is not None and check_password:
            _check_password(password, user)
        user.set_password(password)
        if email and User.objects.filter(email__iexact=email).exists():
            raise InvalidInput("Correct the fields named.", fields={"email": ["Someone signs in by this address already."]})
        _check(user)
        user.save(force_insert=True)
        held = sorted(set(roles))
        RoleAssignment.objects.bulk_create([RoleAssignment(user=user, role=role) for role in held])
        # The log outlives the person: it names them by their id alone.
        work.record("user.created", subject=f"user:{user.pk}", body={"roles": [role.value for role in held]})
        join_same_mailbox(work, user)
        return user


def set_roles(*, actor: Actor, now: datetime, user: User, roles: Iterable[Role]) -> None:
    """Makes `roles` the roles that the person holds, no more and no fewer."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ADMINISTER)
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        wanted = {Role(role).value for role in roles}
        before = set(user.role_assignments.values_list("role", flat=True))
        if wanted == before:
            return
        user.role_assignments.exclude(role__in=wanted).delete()
        RoleAssignment.objects.bulk_create([RoleAssignment(user=user, role=role) for role in sorted(wanted - before)])
        work.record("user.roles_changed", subject=f"user:{user.pk}", body={"before": sorted(before), "after": sorted(wanted)})


def create_team(*, actor: Actor, now: datetime, key: str, name: str, members: Iterable[User] = ()) -> Team:
    """A team and its group, which carries object permissions. Raises `InvalidInput` naming the field at fault."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ADMINISTER)
        team = Team(key=key, name=name)
        _check(team, exclude={"group"})
        team.group = Group.objects.create(name=f"team:{key}")
        team.save(force_insert=True)
        people = list(members)
        TeamMembership.objects.bulk_create([TeamMembership(team=team, user=member) for member in people])
        team.group.user_set.add(*people)
        work.record("team.created", subject=f"team:{key}", body={"members": sorted(str(member.pk) for member in people)})
        return team


def _check(instance: User | Team, exclude: set[str] | None = None) -> None:
    try:
        instance.full_clean(exclude=exclude)
    except ValidationError as error:
        raise InvalidInput("Correct the fields named.", fields=error.message_dict) from error


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput("Choose another password.", fields={"password": error.messages}) from error
