"""Taking back a chunk of an import's rows, as far as the register still stands as the import left it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, ProtectedError

from accounts.models import User
from audit.services import UnitOfWork
from catalogue.models import Component
from stakeholders.models import AudienceMember, ContactPoint, ImportRow, RegisterImport, Stakeholder
from stakeholders.rules.fields import local_time
from stakeholders.rules.kinds import FOR_ADDRESS
from stakeholders.services.entry_apply import bring_back, remove_points
from stakeholders.services.entry_changes import set_plain, stated
from stakeholders.services.write_import_rows import write_import_rows

_LONGEST = 200


def undo_rows(work: UnitOfWork, taken: RegisterImport, rows: list[ImportRow]) -> None:
    """Deletes what the rows registered and puts back what they changed; what somebody changed since stays, and the row says what that is.

    A new entry of which anything was changed since stays whole. Whom something was sent to already is kept for what was told: their
    addresses are removed and they leave the audiences.
    """
    people = _people(rows)
    named_by_others = _named_by_others(taken, people)
    for row in rows:
        person = people.get(row.stakeholder_id) if row.stakeholder_id is not None else None
        row.undone_at = work.now
        if person is None or row.before is None:
            continue
        if row.before["new"]:
            changed = _changed_since(person, row, named=person.pk in named_by_others)
            if not changed:
                _take_away(work, row, person)
        else:
            changed = _put_back(work, row, person)
        row.kept = ", ".join(changed)[:_LONGEST]
        counted = "kept" if row.before["new"] and changed else "undone"
        taken.counts[counted] = taken.counts.get(counted, 0) + 1
    write_import_rows(rows)


def _people(rows: Sequence[ImportRow]) -> dict[int, Stakeholder]:
    found = (
        Stakeholder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organisation", "success_manager")
        .prefetch_related(
            "depends_on", "audience_memberships", Prefetch("contact_points", ContactPoint.objects.prefetch_related("opt_outs"))
        )
        .filter(pk__in=[row.stakeholder_id for row in rows])
        .order_by("pk")
    )
    return {person.pk: person for person in found}


def _named_by_others(taken: RegisterImport, people: Collection[int]) -> set[int]:
    """Those that entries which this import did not register name as their organisation."""
    ours = ImportRow.objects.filter(register_import=taken, before__new=True, stakeholder__isnull=False).values("stakeholder")
    others = Stakeholder.objects.filter(organisation__in=people).exclude(pk__in=ours)
    return {pk for pk in others.order_by().values_list("organisation", flat=True) if pk is not None}


def _changed_since(person: Stakeholder, row: ImportRow, *, named: bool) -> list[str]:
    """In words what of a new entry is no longer as the import wrote it."""
    before: dict[str, Any] = row.before or {}
    wrote = {name: after for name, (_, after) in before["fields"].items()}
    blank: dict[str, Any] = {"tags": [], "depends_on": []}
    changed = [name for name, now in stated(person).items() if not _same(name, now, wrote.get(name, blank.get(name, "")))]
    points = list(person.contact_points.all())
    if [point.pk for point in points] != before["points"] or not all(_untouched(point, row.applied_at) for point in points):
        changed.append("addresses")
    if {membership.audience_id for membership in person.audience_memberships.all()} != set(before["audiences"]):
        changed.append("audiences")
    if person.user_id is not None:
        changed.append("account")
    if named:
        changed.append("others belong to it")
    return changed


def _same(name: str, now: Any, wrote: Any) -> bool:
    if name.startswith("quiet"):
        return local_time(now) == local_time(wrote)
    # Its organisation came with the same list and is taken back already.
    gone = name == "organisation" and not now and wrote and not Stakeholder.objects.filter(public_id=wrote).exists()
    return bool(now == wrote or gone)


def _untouched(point: ContactPoint, since: datetime | None) -> bool:
    """Whether nobody removed, confirmed, stopped or opted it out since; what held for the address already, it came with."""
    if since is None or point.removed_at is not None:
        return False
    stopped = point.suppressed_at is not None and (point.suppression_kind not in FOR_ADDRESS or point.suppressed_at >= since)
    confirmed = point.verified_at is not None and point.verified_at >= since
    agreed = point.consent_at is not None and point.consent_at > since
    return not (stopped or confirmed or agreed or point.operator_reason or any(out.at >= since for out in point.opt_outs.all()))


def _take_away(work: UnitOfWork, row: ImportRow, person: Stakeholder) -> None:
    before: dict[str, Any] = row.before or {}
    AudienceMember.objects.filter(stakeholder=person, audience__in=before["audiences"]).delete()
    try:
        with transaction.atomic():
            person.delete()
    except ProtectedError:
        remove_points(before["points"], now=work.now)
    else:
        row.stakeholder = None


def _put_back(work: UnitOfWork, row: ImportRow, person: Stakeholder) -> list[str]:
    """What the row changed of an entry that was there; returns in words what stays as somebody changed it since."""
    before: dict[str, Any] = row.before or {}
    AudienceMember.objects.filter(stakeholder=person, audience__in=before["audiences"]).delete()
    came = {*before["points"], *before["points_back"]}
    points = [point for point in person.contact_points.all() if point.pk in came and point.removed_at is None]
    remove_points([point.pk for point in points if _untouched(point, row.applied_at)], now=work.now)
    bring_back(before["points_gone"])
    stays = _put_fields_back(person, before["fields"])
    if not all(_untouched(point, row.applied_at) for point in points):
        stays.append("addresses")
    return stays


def _put_fields_back(person: Stakeholder, fields: dict[str, list[Any]]) -> list[str]:
    now = stated(person)
    back = {name: before for name, (before, after) in fields.items() if _same(name, now.get(name, ""), after)}
    plain = {n: v for n, v in back.items() if n not in {"tags", "depends_on", "organisation", "success_manager"}}
    set_plain(person, plain)
    if "tags" in back:
        person.tags = back["tags"]
    if "organisation" in back:
        person.organisation = Stakeholder.objects.filter(public_id=back["organisation"]).first()
    if "success_manager" in back:
        person.success_manager = User.objects.filter(username=back["success_manager"]).first()
    person.save()
    if "depends_on" in back:
        person.depends_on.set(Component.objects.filter(key__in=back["depends_on"]))
    return [name for name in fields if name not in back]
