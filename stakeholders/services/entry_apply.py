"""Writing changes to the register, set-wise, and saying what stood there before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.services import UnitOfWork
from core.canonical import canonical_hash
from stakeholders.models import Audience, AudienceMember, ContactPoint, Stakeholder
from stakeholders.rules.entries import Point
from stakeholders.rules.kinds import ConsentSource, ContactKind, SuppressionKind, VerificationState
from stakeholders.rules.verification import needs_code
from stakeholders.services.audiences import NAMED_UP_TO
from stakeholders.services.entry_changes import Change, set_plain
from stakeholders.services.entry_lookups import Lookups

REMOVED = "Removed from the register."
_BATCH = 2000
_COLUMNS = [
    "external_id", "kind", "name", "language", "time_zone", "tier", "contract", "region", "quiet_from", "quiet_until", "tags",
    "organisation", "success_manager",
]  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Where entries come from, what consent came with them, and whether outsiders confirm their e-mail addresses first."""

    source: ConsentSource
    consent: bool = False
    confirm: bool = False


def apply_changes(work: UnitOfWork, changes: Sequence[Change], known: Lookups, *, now: datetime, origin: Origin) -> list[dict[str, Any]]:
    """Writes all of them (none may have problems) in a handful of statements; returns what stood there before, for an undo.

    Runs inside a unit of work and logs who joined audiences; what else happened the caller logs (`record_lists`).
    """
    _write_stakeholders(changes, known, now)
    _write_components(changes, known)
    points = _write_points(changes, now, origin)
    joined = _join_audiences(work, changes, known, now)
    return [
        {
            "new": change.is_new,
            "fields": {name: [before, after] for name, (before, after) in change.fields.items()},
            "points": points[position],
            "points_back": [point.pk for point in change.points_back],
            "points_gone": [point.pk for point in change.points_gone],
            "audiences": joined[position],
        }
        for position, change in enumerate(changes)
    ]


def record_lists(work: UnitOfWork, changes: Sequence[Change], origin: Origin) -> None:
    """Logs who was registered and who was changed, by hash where they are many, and no address."""
    for what, is_new in (("registered", True), ("changed", False)):
        part = [change for change in changes if change.is_new is is_new and not change.is_nothing]
        ids = sorted(change.made.public_id for change in part)
        if ids:
            listed = {"ids": ids} if len(ids) <= NAMED_UP_TO else {"ids_hash": canonical_hash(ids)}
            body = {"count": len(ids), "source": origin.source.value, **listed}
            work.record(f"stakeholder.list_{what}", subject="stakeholder:list", body=body)


def _write_stakeholders(changes: Sequence[Change], known: Lookups, now: datetime) -> None:
    organisations = {row.public_id: row for row in known.organisations.values()}
    users = {user.username: user for user in known.users.values()}
    fresh: list[Stakeholder] = []
    kept: list[Stakeholder] = []
    for change in changes:
        fields = {name: after for name, (_, after) in change.fields.items()}
        row = change.stakeholder or Stakeholder(created_at=now)
        set_plain(
            row, {name: value for name, value in fields.items() if name not in {"tags", "depends_on", "organisation", "success_manager"}}
        )
        if "tags" in fields:
            row.tags = fields["tags"]
        if "organisation" in fields:
            row.organisation = organisations[fields["organisation"]] if fields["organisation"] else None
        if "success_manager" in fields:
            row.success_manager = users[fields["success_manager"]] if fields["success_manager"] else None
        if change.is_new:
            change.stakeholder = row
            fresh.append(row)
        elif fields.keys() - {"depends_on"}:
            kept.append(row)
    Stakeholder.objects.bulk_create(fresh, batch_size=_BATCH)
    if kept:
        Stakeholder.objects.bulk_update(kept, _COLUMNS, batch_size=500)


def _write_components(changes: Sequence[Change], known: Lookups) -> None:
    through = Stakeholder.depends_on.through
    touched = [change for change in changes if "depends_on" in change.fields]
    through.objects.filter(stakeholder_id__in=[change.made.pk for change in touched]).delete()
    through.objects.bulk_create(
        [
            through(stakeholder_id=change.made.pk, component_id=known.components[key].pk)
            for change in touched
            for key in change.fields["depends_on"][1]
        ],
        batch_size=_BATCH,
    )


def new_point(stakeholder: Stakeholder, point: Point, *, position: int, now: datetime, origin: Origin) -> ContactPoint:
    """The address, unsaved; it waits for its confirmation where the rules or the origin ask for one."""
    outside_mail = origin.confirm and point.kind == ContactKind.EMAIL
    waits = outside_mail or needs_code(stakeholder_kind=stakeholder.kind, contact_kind=point.kind)
    return ContactPoint(
        stakeholder=stakeholder,
        kind=point.kind,
        address=point.address,
        position=position,
        verification=VerificationState.PENDING if waits else VerificationState.UNNEEDED,
        consent_at=now if origin.consent else None,
        consent_source=origin.source if origin.consent else "",
        created_at=now,
    )


def _write_points(changes: Sequence[Change], now: datetime, origin: Origin) -> list[list[int]]:
    made: list[list[ContactPoint]] = []
    for change in changes:
        row = change.made
        last = 0 if change.is_new else max((point.position + 1 for point in row.contact_points.all()), default=0)
        made.append([new_point(row, point, position=last + n, now=now, origin=origin) for n, point in enumerate(change.points_new)])
    ContactPoint.objects.bulk_create([point for points in made for point in points], batch_size=_BATCH)
    remove_points([point.pk for change in changes for point in change.points_gone], now=now)
    bring_back([point.pk for change in changes for point in change.points_back])
    return [[point.pk for point in points] for points in made]


def remove_points(ids: Sequence[int], *, now: datetime) -> None:
    """Takes addresses off the register; what was sent to them stays told. One suppressed before keeps its reason."""
    rows = ContactPoint.objects.filter(pk__in=ids, removed_at__isnull=True)
    rows.filter(suppressed_at__isnull=True).update(suppressed_at=now, suppression_kind=SuppressionKind.OPERATOR, suppression_reason=REMOVED)
    ContactPoint.objects.filter(pk__in=ids, removed_at__isnull=True).update(removed_at=now)


def bring_back(ids: Sequence[int]) -> None:
    """Puts removed addresses back; one suppressed for another reason than its removal stays so."""
    rows = ContactPoint.objects.filter(pk__in=ids, removed_at__isnull=False)
    rows.filter(suppression_reason=REMOVED).update(suppressed_at=None, suppression_kind="", suppression_reason="", removed_at=None)
    ContactPoint.objects.filter(pk__in=ids, removed_at__isnull=False).update(removed_at=None)


def _join_audiences(work: UnitOfWork, changes: Sequence[Change], known: Lookups, now: datetime) -> list[list[int]]:
    by_audience: dict[str, list[Stakeholder]] = defaultdict(list)
    for change in changes:
        for key in change.audiences_new:
            by_audience[key].append(change.made)
    # Locked by primary key, so that two who fill the same audiences do not lock each other out.
    ids = sorted(known.audiences[key].pk for key in by_audience)
    list(Audience.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    for key, people in by_audience.items():
        audience = known.audiences[key]
        AudienceMember.objects.bulk_create(
            [AudienceMember(audience=audience, stakeholder=person, added_at=now) for person in people],
            batch_size=_BATCH,
            ignore_conflicts=True,
        )
        names = sorted(person.public_id for person in people)
        listed = {"ids": names} if len(names) <= NAMED_UP_TO else {"ids_hash": canonical_hash(names)}
        work.record("audience.members_added", subject=f"audience:{audience.public_id}", body={"count": len(names), **listed})
    return [[known.audiences[key].pk for key in change.audiences_new] for change in changes]
