"""The dry run of an import: a chunk of rows read as entries, put together where they are the same, compared with the register."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stakeholders.models import ImportRow, RegisterImport
from stakeholders.rules.entries import Entry, merged
from stakeholders.rules.import_rows import address_key, entry_of
from stakeholders.rules.imports import RowAction
from stakeholders.services.addresses import loopback_allowed
from stakeholders.services.entry_changes import Change, matched
from stakeholders.services.entry_lookups import Lookups, look_up
from stakeholders.services.write_import_rows import write_import_rows

LEADING = (RowAction.NEW, RowAction.CHANGED, RowAction.UNCHANGED)


@dataclass
class Leaders:
    """The rows so far that stand for an entry: by external id, by address, by the entry of the register they are about."""

    by_external: dict[str, ImportRow] = field(default_factory=dict)
    by_address: dict[str, ImportRow] = field(default_factory=dict)
    by_stakeholder: dict[int, ImportRow] = field(default_factory=dict)

    def put(self, row: ImportRow) -> None:
        if row.external_key:
            self.by_external.setdefault(row.external_key, row)
        if row.address_key:
            self.by_address.setdefault(row.address_key, row)
        if row.stakeholder_id is not None:
            self.by_stakeholder.setdefault(row.stakeholder_id, row)

    def of(self, external_key: str, address: str) -> ImportRow | None:
        """Same external id; or same first address, where one of the two has no external id."""
        found = self.by_external.get(external_key) if external_key else None
        if found is None and address:
            alike = self.by_address.get(address)
            if alike is not None and (not external_key or not alike.external_key):
                found = alike
        return found


def check_rows(taken: RegisterImport, rows: list[ImportRow]) -> None:
    """Judges these rows, which come in the file's order, and writes what was found; `taken.counts` follows, unsaved."""
    read = [(row, *_read(taken, row)) for row in rows]
    entries = [entry for _, entry, _ in read]
    known = look_up(entries)
    leaders, led = _leaders_before(taken, rows[0].number, [entry for _, entry, problems in read if not problems], known)
    if led:
        known = look_up([*entries, *(Entry.from_json(row.entry) for row in led)])
    counts = taken.counts
    for row, entry, problems in read:
        row.external_key, row.address_key = entry.external_id, address_key(entry)
        if problems:
            _fail(row, problems)
        else:
            _place(row, entry, leaders, known, counts)
        counts[row.action] = counts.get(row.action, 0) + 1
    write_import_rows([*rows, *led])


def _read(taken: RegisterImport, row: ImportRow) -> tuple[Entry, dict[str, list[str]]]:
    return entry_of(row.cells, columns=len(taken.columns), mapping=taken.mapping, options=taken.options, loopback=loopback_allowed())


def _leaders_before(taken: RegisterImport, number: int, given: Sequence[Entry], known: Lookups) -> tuple[Leaders, list[ImportRow]]:
    """The leading rows of earlier chunks that these entries may belong to."""
    before = taken.rows.filter(number__lt=number, action__in=LEADING)
    externals = {entry.external_id for entry in given if entry.external_id}
    addresses = {key for entry in given if (key := address_key(entry))}
    found = {row.pk: row for row in before.filter(external_key__in=externals)}
    found |= {row.pk: row for row in before.filter(address_key__in=addresses)}
    people = {row.pk for row in known.by_external.values()} | {row.pk for rows in known.by_address.values() for row in rows}
    found |= {row.pk: found.get(row.pk, row) for row in before.filter(stakeholder__in=people)}
    leaders = Leaders()
    ordered = sorted(found.values(), key=lambda row: row.number)
    for row in ordered:
        leaders.put(row)
    return leaders, ordered


def _place(row: ImportRow, entry: Entry, leaders: Leaders, known: Lookups, counts: dict[str, int]) -> None:
    leader = leaders.of(row.external_key, row.address_key)
    change = matched(entry, known)
    if leader is None and change.stakeholder is not None:
        # Another spelling of somebody an earlier row is about already, unless the ids say that they are two.
        leader = leaders.by_stakeholder.get(change.stakeholder.pk)
    if leader is None:
        if change.problems:
            _fail(row, change.problems)
            return
        _lead(row, change)
        leaders.put(row)
        return
    together = matched(merged(Entry.from_json(leader.entry), entry), known)
    if together.problems:
        _fail(row, together.problems)
        return
    row.action, row.merged_into = RowAction.MERGED, leader.number
    counts[leader.action] = counts.get(leader.action, 0) - 1
    leader.external_key = leader.external_key or row.external_key
    _lead(leader, together)
    counts[leader.action] = counts.get(leader.action, 0) + 1
    leaders.put(leader)


def _lead(row: ImportRow, change: Change) -> None:
    row.action = RowAction.NEW if change.is_new else RowAction.UNCHANGED if change.is_nothing else RowAction.CHANGED
    row.entry, row.changes, row.stakeholder = change.entry.as_json(), change.in_words(), change.stakeholder


def _fail(row: ImportRow, problems: dict[str, list[str]]) -> None:
    row.action = RowAction.ERROR
    row.problems = [[name, text] for name, texts in problems.items() for text in texts]
