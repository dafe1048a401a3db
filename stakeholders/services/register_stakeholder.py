"""Adding somebody to the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.canonical import canonical_hash
from core.errors import Conflict
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.rules.kinds import ContactKind
from stakeholders.services.addresses import normalise_email
from stakeholders.services.audiences import add_members
from stakeholders.services.checks import check_fields


@dataclass(frozen=True)
class NewStakeholder:
    """One line of a list to be taken into the register."""

    kind: str
    name: str
    email: str
    time_zone: str = "UTC"
    language: str = "en"


def register_stakeholder(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    name: str,
    email: str,
    time_zone: str = "UTC",
    language: str = "en",
    user: User | None = None,
    audiences: Sequence[Audience] = (),
) -> Stakeholder:
    """A stakeholder with one e-mail address, in these audiences; with `user`, the stakeholder of that person.

    Raises `InvalidInput` naming the fields, `Conflict` when the user has a stakeholder already. The log holds no name and
    no address.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        check_fields(kind=kind, name=name, time_zone=time_zone, language=language)
        address = normalise_email(email)
        if user is not None and Stakeholder.objects.filter(user=user).exists():
            raise Conflict("This person is in the register already: change their entry instead.")
        stakeholder = Stakeholder.objects.create(
            kind=kind, name=name.strip(), time_zone=time_zone, language=language, user=user, created_at=now
        )
        stakeholder.contact_points.create(kind=ContactKind.EMAIL, address=address, created_at=now)
        work.record(
            "stakeholder.registered",
            subject=f"stakeholder:{stakeholder.public_id}",
            body={"kind": str(kind), "language": language, "time_zone": time_zone, "channels": [str(ContactKind.EMAIL)]}
            | ({"user": str(user.pk)} if user else {}),
        )
        # By primary key, so that two who name the same audiences lock them in the same order.
        for audience in sorted(audiences, key=lambda audience: audience.pk):
            add_members(actor=actor, now=now, audience=audience, stakeholders=[stakeholder])
    return stakeholder


def register_stakeholders(*, actor: Actor, now: datetime, people: Sequence[NewStakeholder]) -> list[Stakeholder]:
    """Takes a whole list, all or nothing, as one entry of the log. Raises `InvalidInput` at the first line that cannot be used."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        for person in people:
            check_fields(kind=person.kind, name=person.name, time_zone=person.time_zone, language=person.language)
        addresses = [normalise_email(person.email) for person in people]
        registered = Stakeholder.objects.bulk_create(
            [Stakeholder(kind=p.kind, name=p.name.strip(), time_zone=p.time_zone, language=p.language, created_at=now) for p in people],
            batch_size=2000,
        )
        ContactPoint.objects.bulk_create(
            [
                ContactPoint(stakeholder=stakeholder, kind=ContactKind.EMAIL, address=address, created_at=now)
                for stakeholder, address in zip(registered, addresses, strict=True)
            ],
            batch_size=2000,
        )
        if registered:
            ids = sorted(stakeholder.public_id for stakeholder in registered)
            work.record("stakeholder.imported", subject="stakeholder:list", body={"count": len(ids), "ids_hash": canonical_hash(ids)})
    return registered
