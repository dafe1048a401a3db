"""An installation with people and subscribers in a database of its own, and updates released to all of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import bench.ready  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.core.management import call_command
from django.db import connection

from accounts.actors import Actor, person, system
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from accounts.services.people import create_user
from accounts.services.training import record_training
from approvals.models import Release
from approvals.services import give_verdict, release_update, request_review
from core.clock import utc_now
from core.tasks import prepare
from incidents.models import Incident, Update
from incidents.services import open_incident, start_update
from notifications.models import Message
from stakeholders.models import Audience
from stakeholders.services import NewStakeholder, add_members, register_stakeholders

SYSTEM = system("bench")


@contextmanager
def installation() -> Iterator[dict[str, str]]:
    """A migrated database beside the one that `DATABASE_URL` names, gone afterwards; yields the environment for its workers."""
    before, name = str(connection.settings_dict["NAME"]), f"bench_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    _use(name)
    prepare()
    try:
        call_command("migrate", verbosity=0)
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        yield {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    finally:
        _use(before)
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.close()


def _use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


@dataclass(frozen=True)
class Staff:
    """The three people a release takes."""

    commander: Actor
    techlead: Actor
    comms: Actor


def staff() -> Staff:
    """Makes them, trained for what they review and signed in just now."""
    now = utc_now()
    roles = {"commander": Role.COMMANDER, "techlead": Role.TECHNICAL_LEAD, "comms": Role.COMMS_REVIEWER}
    made = {
        name: create_user(actor=SYSTEM, now=now, username=name, email=f"{name}@example.com", roles=[role]) for name, role in roles.items()
    }
    for name, duty in (("techlead", Duty.TECHNICAL), ("comms", Duty.COMMUNICATIONS)):
        record_training(actor=SYSTEM, now=now, user=made[name], duty=duty)
    return Staff(**{name: person(user, stepped_up_at=now) for name, user in made.items()})


def subscribe(number: int) -> None:
    """So many customers, in three time zones."""
    zones = ("UTC", "Europe/Berlin", "America/New_York")
    people = [NewStakeholder("customer", f"Reader {n}", f"reader{n}@example.com", zones[n % 3]) for n in range(number)]
    registered = register_stakeholders(actor=SYSTEM, now=utc_now(), people=people)
    add_members(actor=SYSTEM, now=utc_now(), audience=Audience.objects.get(key="customers"), stakeholders=registered)


def approve(
    people: Staff,
    now: datetime,
    *,
    title: str = "Checkout is failing",
    corrects: Update | None = None,
    incident: Incident | None = None,
) -> tuple[int, int]:
    """An approved update: its key and revision number. Of a new incident, of the one given, or a correction of one released before."""
    incident = corrects.incident if corrects is not None else incident or open_incident(
        actor=people.commander, now=now, title="Checkout answers with errors", severity="SEV1", impact="major", stage="confirmed",
        category="application", customer_facing=True, components=[],
    )  # fmt: skip
    words = "Some payments fail since this morning. We found the cause and are rolling back the change.\n\n" * 6
    update = start_update(
        actor=people.commander, now=now, incident=incident, status="investigating",
        variants=[{"audience": "customers", "title": title, "body": words}],
        kind="correction" if corrects is not None else "update", corrects=corrects,
    )  # fmt: skip
    if update.current is None:
        raise RuntimeError("The update has no revision.")
    number = update.current.number
    request_review(actor=people.commander, now=now, update_id=update.pk, revision=number)
    for actor, kind in ((people.techlead, "technical"), (people.comms, "communications")):
        give_verdict(actor=actor, now=now, update_id=update.pk, kind=kind, verdict="approve", revision=number)
    return update.pk, number


def release(people: Staff, approved: tuple[int, int], now: datetime) -> Message:
    """Releases it; the message is planned when this returns."""
    done = release_update(actor=people.commander, now=now, update_id=approved[0], revision=approved[1])
    if not isinstance(done, Release):
        raise TypeError("The update was planned, not released.")
    return Message.objects.get(release=done)
