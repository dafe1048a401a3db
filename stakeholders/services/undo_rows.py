"""Taking back a chunk of an import's rows, as far as the register still stands as the import left it."""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import User
from audit.services import UnitOfWork
from catalogue.models import Component
from stakeholders.models import AudienceMember, ImportRow, RegisterImport, Stakeholder
from stakeholders.services.entry_apply import bring_back, remove_points
from stakeholders.services.entry_changes import set_plain, stated
from stakeholders.services.write_import_rows import write_import_rows


def undo_rows(work: UnitOfWork, taken: RegisterImport, rows: list[ImportRow]) -> None:
    """Deletes what the rows registered and puts back what they changed; what somebody changed since stays.

    Whom something was sent to already is kept for what was told: their addresses are removed and they leave the audiences.
    """
    people = {
        person.pk: person
        for person in Stakeholder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organisation", "success_manager")
        .prefetch_related("depends_on")
        .filter(pk__in=[row.stakeholder_id for row in rows])
        .order_by("pk")
    }
    undone = 0
    for row in rows:
        person = people.get(row.stakeholder_id) if row.stakeholder_id is not None else None
        if person is None or row.before is None:
            continue
        undone += 1
        AudienceMember.objects.filter(stakeholder=person, audience__in=row.before["audiences"]).delete()
        if row.before["new"] and _deleted(person):
            row.stakeholder = None
            continue
        remove_points([*row.before["points"], *row.before["points_back"]], now=work.now)
        bring_back(row.before["points_gone"])
        if not row.before["new"]:
            _put_back(person, row.before["fields"])
    for row in rows:
        row.undone_at = work.now
    write_import_rows(rows)
    taken.counts["undone"] = taken.counts.get("undone", 0) + undone


def _deleted(person: Stakeholder) -> bool:
    try:
        with transaction.atomic():
            person.delete()
    except ProtectedError:
        return False
    return True


def _put_back(person: Stakeholder, fields: dict[str, list[Any]]) -> None:
    now = stated(person)
    back = {name: before for name, (before, after) in fields.items() if now.get(name, "") == after}
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
