"""What a handful of entries refers to, read in a few queries however many they are."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import User
from catalogue.models import Component
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.rules.entries import Entry
from stakeholders.rules.kinds import StakeholderKind


class Ambiguous(Exception):
    """Several entries of the register have that address; the external id would tell them apart."""


@dataclass
class Lookups:
    """Entries of the register by external id and by address, components and audiences by key, people by name or e-mail."""

    by_external: dict[str, Stakeholder] = field(default_factory=dict)
    by_address: dict[tuple[str, str], list[Stakeholder]] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    audiences: dict[str, Audience] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    organisations: dict[str, Stakeholder] = field(default_factory=dict)

    def match(self, entry: Entry) -> Stakeholder | None:
        """Whom the entry is about: who has its external id; else the one with one of its addresses, unless known by another id.

        Raises `Ambiguous`.
        """
        known = self.by_external.get(entry.external_id) if entry.external_id else None
        if known is not None:
            return known
        found: dict[int, Stakeholder] = {}
        for point in entry.points or ():
            for stakeholder in self.by_address.get(point.key, ()):
                if not entry.external_id or not stakeholder.external_id:
                    found[stakeholder.pk] = stakeholder
        if len(found) > 1:
            raise Ambiguous
        return next(iter(found.values()), None)


def look_up(entries: Iterable[Entry], *, lock: bool = False) -> Lookups:
    """Reads everything these entries name. With `lock` the entries of the register found are locked until the transaction ends."""
    given = list(entries)
    externals = {entry.external_id for entry in given if entry.external_id}
    addresses = {point.key for entry in given for point in entry.points or ()}
    having = list(
        ContactPoint.objects.annotate(low=Lower("address"))
        .filter(kind__in={kind for kind, _ in addresses}, low__in={address for _, address in addresses}, removed_at__isnull=True)
        .values_list("stakeholder_id", "kind", "low")
    )
    rows = Stakeholder.objects.filter(Q(external_id__in=externals) | Q(pk__in={pk for pk, _, _ in having})).order_by("pk")
    if lock:
        # In one order, so that two who change the same entries do not lock each other out.
        list(rows.select_for_update(no_key=True).values_list("pk"))
    people = {
        stakeholder.pk: stakeholder
        for stakeholder in rows.select_related("organisation", "success_manager").prefetch_related(
            "contact_points", "depends_on", "audience_memberships__audience"
        )
    }
    by_address: dict[tuple[str, str], list[Stakeholder]] = defaultdict(list)
    for pk, kind, low in having:
        if pk in people and people[pk] not in by_address[kind, low]:
            by_address[kind, low].append(people[pk])
    return Lookups(
        by_external={person.external_id: person for person in people.values() if person.external_id},
        by_address=dict(by_address),
        components={c.key: c for c in Component.objects.filter(key__in=_named(given, "depends_on"))},
        audiences={a.key: a for a in Audience.objects.filter(key__in=_named(given, "audiences"))},
        users=_users({entry.refers["success_manager"] for entry in given if entry.refers.get("success_manager")}),
        organisations=_organisations({entry.refers["organisation"] for entry in given if entry.refers.get("organisation")}),
    )


def _named(entries: Iterable[Entry], name: str) -> set[str]:
    return {key for entry in entries for key in entry.lists.get(name, ())}


def _users(names: set[str]) -> dict[str, User]:
    rows = User.objects.filter(Q(username__in=names) | Q(email__in=names), is_active=True)
    return {name: user for user in rows for name in (user.username, user.email) if name in names}


def _organisations(names: set[str]) -> dict[str, Stakeholder]:
    """By external id, by our own id, or by name where it names only one."""
    if not names:
        return {}
    rows = Stakeholder.objects.exclude(kind__in=[StakeholderKind.PERSON, StakeholderKind.TEAM])
    by_name: dict[str, list[Stakeholder]] = defaultdict(list)
    for row in rows.filter(name__in=names):
        by_name[row.name].append(row)
    found = {name: rows[0] for name, rows in by_name.items() if len(rows) == 1}
    for row in rows.filter(Q(external_id__in=names) | Q(public_id__in=names)):
        found |= {name: row for name in (row.external_id, row.public_id) if name in names and name is not None}
    return found
