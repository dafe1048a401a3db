"""Taking a list into the register: the file comes in, its columns get their meaning, and a person starts what ticks then work off."""

from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from stakeholders.models import Audience, ImportRow, RegisterImport
from stakeholders.rules.imports import ImportState
from stakeholders.rules.kinds import StakeholderKind
from stakeholders.rules.tables import CONTACTS, TARGETS, guessed
from stakeholders.services.read_table import refusal, shape_of, store_rows


def take_file(*, actor: Actor, now: datetime, file: IO[bytes], name: str) -> RegisterImport:
    """Reads the file into rows; nothing of the register changes. Raises `InvalidInput` naming `file` for what cannot be read."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        person = actor.require_person()
        encoding, delimiter, columns = shape_of(file)
        taken = RegisterImport.objects.create(
            file_name=name[:200],
            encoding=encoding,
            delimiter=delimiter,
            columns=columns,
            mapping=guessed(columns),
            started_by=person,
            created_at=now,
        )
        taken.total = store_rows(file, taken)
        if not taken.total:
            raise refusal("The file holds headings and no row.")
        taken.save(update_fields=["total"])
        work.record("register_import.uploaded", subject=_subject(taken), body={"rows": taken.total, "columns": len(columns)})
        return taken


def start_check(
    *, actor: Actor, now: datetime, taken: RegisterImport, mapping: Mapping[str, str], options: Mapping[str, Any]
) -> RegisterImport:
    """Begins the dry run: every row is read as an entry and compared with the register; nothing changes.

    Raises `InvalidInput` for a mapping that names nobody, and `Conflict` once the import is applied.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = _locked(taken, ImportState.UPLOADED, ImportState.CHECKED, ImportState.CHECKING, ImportState.FAILED)
        _refuse_begun(locked)
        _check_mapping(locked, mapping, options)
        locked.rows.update(
            action="", external_key="", address_key="", entry={}, problems=[], changes={}, merged_into=None, stakeholder=None
        )
        locked.mapping, locked.options = dict(mapping), dict(options)
        _begin(locked, ImportState.CHECKING, total=locked.rows.count())
        work.record("register_import.check_started", subject=_subject(locked), body={"fields": sorted(set(mapping.values()))})
        return locked


def start_apply(*, actor: Actor, now: datetime, taken: RegisterImport) -> RegisterImport:
    """Begins to write what the dry run showed. Rows at fault are left out. Raises `Conflict` when there is nothing to write."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = _locked(taken, ImportState.CHECKED)
        total = locked.counts.get("new", 0) + locked.counts.get("changed", 0)
        if not total:
            raise Conflict("Nothing in this file would change the register.")
        _begin(locked, ImportState.APPLYING, total=total)
        work.record("register_import.started", subject=_subject(locked), body=_whole(locked.counts))
        return locked


def start_undo(*, actor: Actor, now: datetime, taken: RegisterImport) -> RegisterImport:
    """Begins to take back what the import did, or did before it failed, as far as it still stands so.

    Raises `Conflict` when its rows are gone, and when nothing was written yet.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = _locked(taken, ImportState.DONE, ImportState.FAILED)
        if locked.emptied_at is not None:
            raise Conflict("What stood before was kept for 30 days and is deleted: it cannot be undone any more.")
        if locked.failed_while == ImportState.CHECKING:
            raise Conflict("Nothing was written yet: there is nothing to take back.")
        _begin(locked, ImportState.UNDOING, total=locked.rows.filter(applied_at__isnull=False).count())
        work.record("register_import.undo_started", subject=_subject(locked), body={"rows": locked.total})
        return locked


def resume_import(*, actor: Actor, now: datetime, taken: RegisterImport) -> RegisterImport:
    """An import that failed goes on where it stood. Raises `Conflict` when it has not failed, or its rows are gone."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = _locked(taken, ImportState.FAILED)
        if locked.emptied_at is not None:
            raise Conflict("Its rows were kept for 30 days and are deleted: send the file in again.")
        locked.state, locked.failed_while = locked.failed_while, ""
        locked.failure, locked.failures, locked.retry_at, locked.finished_at = "", 0, None, None
        locked.save()
        work.record("register_import.resumed", subject=_subject(locked), body={"while": locked.state})
        return locked


def drop_import(*, actor: Actor, now: datetime, taken: RegisterImport) -> RegisterImport:
    """Gives it up before it is applied; its rows are deleted."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = _locked(taken, ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED, ImportState.FAILED)
        _refuse_begun(locked)
        _delete_rows(locked)
        locked.state, locked.failed_while, locked.finished_at, locked.emptied_at = ImportState.DROPPED, "", now, now
        locked.save(update_fields=["state", "failed_while", "finished_at", "emptied_at"])
        work.record("register_import.dropped", subject=_subject(locked), body={"rows": locked.total})
        return locked


def _subject(taken: RegisterImport) -> str:
    return f"import:{taken.public_id}"


def _whole(counts: Mapping[str, int]) -> dict[str, Any]:
    return {name: count for name, count in sorted(counts.items()) if count}


def _locked(taken: RegisterImport, *states: ImportState) -> RegisterImport:
    locked = RegisterImport.objects.select_for_update(no_key=True).get(pk=taken.pk)
    if locked.state not in states:
        raise Conflict(f"The import is {locked.state} meanwhile: load the page again.")
    return locked


def _begin(locked: RegisterImport, state: ImportState, *, total: int) -> None:
    locked.state, locked.total, locked.done, locked.last_number = state, total, 0, 0
    locked.failure, locked.failures, locked.retry_at, locked.failed_while, locked.finished_at = "", 0, None, "", None
    if state is ImportState.CHECKING:
        locked.counts = {}
    locked.save()


def _refuse_begun(locked: RegisterImport) -> None:
    """Raises `Conflict` for what failed after it had begun to write: what stood before would be lost."""
    if locked.failed_while in {ImportState.APPLYING, ImportState.UNDOING}:
        raise Conflict("It has begun to write: have it go on, or take back what it did.")


def _delete_rows(taken: RegisterImport) -> None:
    ImportRow.objects.filter(register_import=taken)._raw_delete("default")


def _check_mapping(taken: RegisterImport, mapping: Mapping[str, str], options: Mapping[str, Any]) -> None:
    meant = list(mapping.values())
    fields: dict[str, list[str]] = {}
    columns = {str(number) for number in range(len(taken.columns))}
    if not set(mapping) <= columns or not set(meant) <= set(TARGETS):
        fields["mapping"] = ["Choose a field of the list for columns of the file."]
    twice = sorted({target for target in meant if target not in CONTACTS and meant.count(target) > 1})
    if twice:
        fields["mapping"] = [f"Two columns are to be “{twice[0]}”: choose one."]
    if not {"external_id", "email", "sms"} & set(meant):
        fields["mapping"] = ["Name the column with the external id, the e-mail address or the telephone number: entries are found by it."]
    if options.get("kind") and options["kind"] not in set(StakeholderKind):
        fields["kind"] = [f"Choose one of {', '.join(StakeholderKind)}."]
    wanted = set(options.get("audiences", []))
    if Audience.objects.filter(key__in=wanted).count() != len(wanted):
        fields["audiences"] = ["Choose audiences of the list."]
    if fields:
        raise InvalidInput("The file cannot be read so.", fields=fields)
