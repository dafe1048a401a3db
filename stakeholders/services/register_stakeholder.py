"""Adding somebody to the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.canonical import canonical_hash
from core.errors import Conflict, InvalidInput
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.rules.entries import read
from stakeholders.rules.kinds import ConsentSource, ContactKind
from stakeholders.services.addresses import loopback_allowed, normalise_email
from stakeholders.services.audiences import add_members
from stakeholders.services.checks import check_fields
from stakeholders.services.entry_apply import Origin, apply_changes
from stakeholders.services.entry_changes import change_of
from stakeholders.services.entry_lookups import look_up

BY_HAND = Origin(ConsentSource.OPERATOR)


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
    email: str = "",
    contact_points: Sequence[tuple[str, str]] = (),
    time_zone: str = "UTC",
    language: str = "en",
    user: User | None = None,
    audiences: Sequence[Audience] = (),
    joins: Sequence[str] = (),
    origin: Origin = BY_HAND,
    **more: Any,
) -> Stakeholder:
    """A stakeholder with these addresses, (kind, address) in their order of preference; with `user`, that person's.

    `email` is the first address, for the many who have no other; they are put into `audiences`, and into those whose keys `joins` has.
    `more` are further fields by name (`stakeholders.rules.entries.FIELDS`). Colleagues' telephones wait for their confirmation.
    Raises `InvalidInput` naming the fields, `Conflict` when the user has a stakeholder already or another entry has the external id.
    The log holds no name and no address.
    """
    points = [*([("email", ContactKind.EMAIL.value, email)] if email else []), *(("contact_points", *point) for point in contact_points)]
    raw = {"audiences": joins, "kind": kind, "name": name, "time_zone": time_zone, "language": language, **more}
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        entry, problems = read(raw, points=points, loopback=loopback_allowed())
        known = look_up([entry])
        change = change_of(entry, None, known)
        if problems := change.problems | problems:
            raise InvalidInput("Correct the fields named and send again.", fields=problems)
        if entry.external_id in known.by_external:
            raise Conflict(f"Another entry has the external id “{entry.external_id}”: change that one instead.")
        if user is not None and Stakeholder.objects.filter(user=user).exists():
            raise Conflict("This person is in the register already: change their entry instead.")
        apply_changes(work, [change], known, now=now, origin=origin)
        stakeholder = change.made
        if user is not None:
            stakeholder.user = user
            stakeholder.save(update_fields=["user"])
        work.record(
            "stakeholder.registered",
            subject=f"stakeholder:{stakeholder.public_id}",
            body={"kind": str(kind), "language": language, "time_zone": time_zone, "channels": sorted({p.kind for p in entry.points or ()})}
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
            check_fields({"kind": person.kind, "name": person.name, "time_zone": person.time_zone, "language": person.language})
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
