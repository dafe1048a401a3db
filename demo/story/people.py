"""Who works here, and who is told."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Role
from accounts.services.people import create_team, create_user
from demo.story.channels import tell_channels
from stakeholders.models import Audience
from stakeholders.services import add_members
from stakeholders.services.register_stakeholder import NewStakeholder, register_stakeholder, register_stakeholders

PASSWORD = "demo"  # noqa: S105 - said aloud by the demo; these settings never load in production
SUBSCRIBERS = 200

# Name, shown name, roles, zone.
PEOPLE: tuple[tuple[str, str, tuple[Role, ...], str], ...] = (
    ("admin", "Ada Admin", (Role.ADMINISTRATOR,), "UTC"),
    ("commander", "Casey Commander", (Role.COMMANDER,), "Europe/Berlin"),
    ("techlead", "Toni Techlead", (Role.TECHNICAL_LEAD,), "Europe/Berlin"),
    ("comms", "Kim Comms", (Role.COMMS_REVIEWER,), "Europe/London"),
    ("legal", "Lee Legal", (Role.LEGAL,), "America/New_York"),
    ("auditor", "Alex Auditor", (Role.AUDITOR,), "UTC"),
    ("techlead2", "Tam Techlead", (Role.TECHNICAL_LEAD,), "Asia/Tokyo"),
    ("comms2", "Cory Comms", (Role.COMMS_REVIEWER,), "America/New_York"),
    ("pr", "Pat Press", (Role.PUBLIC_RELATIONS,), "Europe/London"),
    ("arbiter", "Ari Arbiter", (Role.ARBITER,), "Europe/Berlin"),
    ("override", "Ollie Override", (Role.OVERRIDE_HOLDER,), "Europe/Berlin"),
    ("manager", "Mika Manager", (Role.MANAGER,), "Europe/Berlin"),
    ("outsider", "Otto Outsider", (), "UTC"),
)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/London", "America/Sao_Paulo", "Australia/Sydney")


def tell_people(*, actor: Actor, now: datetime) -> dict[str, User]:
    """Colleagues with their teams, and two audiences filled."""
    users = {
        name: create_user(
            actor=actor, now=now, username=name, email=f"{name}@example.com", display_name=shown, time_zone=zone, roles=roles,
            password=PASSWORD, check_password=False,
        )
        for name, shown, roles, zone in PEOPLE
    }  # fmt: skip
    create_team(
        actor=actor, now=now, key="it-operations", name="IT operations", members=[users["commander"], users["techlead"], users["techlead2"]]
    )
    create_team(actor=actor, now=now, key="communications", name="Corporate communications", members=[users["comms"], users["comms2"]])
    colleagues = [
        register_stakeholder(actor=actor, now=now, kind="person", name=shown, email=f"{name}@example.com", time_zone=zone, user=users[name])
        for name, shown, roles, zone in PEOPLE
        if roles
    ]
    add_members(actor=actor, now=now, audience=Audience.objects.get(key="internal"), stakeholders=colleagues)
    subscribers = register_stakeholders(actor=actor, now=now, people=[_subscriber(number) for number in range(SUBSCRIBERS)])
    add_members(actor=actor, now=now, audience=Audience.objects.get(key="customers"), stakeholders=subscribers)
    tell_channels(actor=actor, now=now)
    return users


def _subscriber(number: int) -> NewStakeholder:
    # One address does not exist any more, so that a bounce can be seen.
    address = "gone@example.net" if number == 7 else f"reader{number:03}@example.net"
    return NewStakeholder(kind="customer", name=f"Reader {number:03}", email=address, time_zone=ZONES[number % len(ZONES)])
