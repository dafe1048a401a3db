"""The people of every test. Who they are never changes, so a test reads by their names alone."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.actors import Actor, person, program, system
from accounts.models import RoleAssignment, TrainingRecord, User
from accounts.rules.duties import PERMISSION_OF
from accounts.rules.roles import Role, permissions_of
from accounts.rules.scopes import Scope
from accounts.rules.training import NEEDS_TRAINING, Source

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
TRAINED = datetime(2025, 1, 1, tzinfo=UTC)
TRAINED_UNTIL = datetime(2040, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery staple"

# Name, roles held. The outsider may sign in and nothing else.
PEOPLE: dict[str, tuple[Role, ...]] = {
    "admin": (Role.ADMINISTRATOR,),
    "commander": (Role.COMMANDER,),
    "techlead": (Role.TECHNICAL_LEAD,),
    "techlead2": (Role.TECHNICAL_LEAD,),
    "comms": (Role.COMMS_REVIEWER,),
    "comms2": (Role.COMMS_REVIEWER,),
    "legal": (Role.LEGAL,),
    "pr": (Role.PUBLIC_RELATIONS,),
    "arbiter": (Role.ARBITER,),
    "override": (Role.OVERRIDE_HOLDER,),
    "manager": (Role.MANAGER,),
    "auditor": (Role.AUDITOR,),
    "responder": (Role.RESPONDER,),
    "outsider": (),
}


class Cast:
    """The people as users, actors and signed-in browsers, for instance `cast.commander`, `cast.client("commander")`."""

    admin: User
    commander: User
    techlead: User
    techlead2: User
    comms: User
    comms2: User
    legal: User
    pr: User
    arbiter: User
    override: User
    manager: User
    auditor: User
    responder: User
    outsider: User

    def __init__(self) -> None:
        hashed = make_password(PASSWORD)
        users = User.objects.bulk_create(
            User(
                username=name,
                email=f"{name}@example.com",
                display_name=name.capitalize(),
                password=hashed,
                is_staff=name == "admin",
                date_joined=NOW,
            )
            for name in PEOPLE
        )
        self._users = {user.username: user for user in users}
        RoleAssignment.objects.bulk_create(
            RoleAssignment(user=self._users[name], role=role) for name, roles in PEOPLE.items() for role in roles
        )
        # Everybody was trained for what their roles allow; no duty has a rota.
        TrainingRecord.objects.bulk_create(
            TrainingRecord(user=self._users[name], duty=duty, source=Source.COURSE, at=TRAINED, valid_until=TRAINED_UNTIL)
            for name, roles in PEOPLE.items()
            for duty in sorted(NEEDS_TRAINING)
            if PERMISSION_OF[duty] in permissions_of(frozenset(roles))
        )
        for name, user in self._users.items():
            setattr(self, name, user)

    def user(self, name: str) -> User:
        """The person called `name`; raises `KeyError` for someone who is not in the cast."""
        return self._users[name]

    def actor(self, name: str, *, stepped_up: bool = False, second_factor: bool = False, now: datetime = NOW) -> Actor:
        """The person in a session; as if the password had been typed (`stepped_up`), or a code (`second_factor`), at `now`."""
        user = User.objects.get(pk=self._users[name].pk)
        return person(
            user,
            stepped_up_at=now if stepped_up else None,
            second_factor_at=now if second_factor else None,
            second_factor_since=TRAINED if second_factor else None,
        )

    def program(self, name: str, *scopes: Scope) -> Actor:
        """A token of the person's, with these scopes."""
        return program(self._users[name], scopes=frozenset(scopes), token="0123456789abcde")

    def system(self) -> Actor:
        """The clockwork."""
        return system("test")

    def client(self, name: str, *, enforce_csrf_checks: bool = False) -> Client:
        """A browser in which the person has signed in through the real form, and so typed the password just now."""
        client = Client(enforce_csrf_checks=enforce_csrf_checks)
        page = client.get("/accounts/login/")
        answer = client.post(
            "/accounts/login/",
            {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": page.cookies["csrftoken"].value},
        )
        assert answer.status_code == 302, answer.content.decode()
        return client


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast, in the database."""
    return Cast()
