"""A row of a file as an entry of the register."""

from collections.abc import Mapping, Sequence
from typing import Any

from stakeholders.rules.entries import LISTS, Entry, read
from stakeholders.rules.kinds import ContactKind
from stakeholders.rules.tables import CONTACTS, several, unguarded

LONGEST_CELL = 4000
# Of these a cell may hold several.
MAILED = frozenset({ContactKind.EMAIL, ContactKind.SMS})
_TOO_LONG = f"Longer than {LONGEST_CELL} characters."


def entry_of(
    cells: Sequence[str], *, columns: int, mapping: Mapping[str, str], options: Mapping[str, Any], loopback: bool = False
) -> tuple[Entry, dict[str, list[str]]]:
    """The entry, and what is wrong with it by field. An empty cell is not given: it changes nothing.

    `mapping` has the field of each column used; `options`: `kind` for rows without one, `country` of telephone numbers without
    one, `audiences` that everyone joins.
    """
    if len(cells) > columns and any(cell.strip() for cell in cells[columns:]):
        return Entry(), {"": [f"The row has {len(cells)} cells, the headings are {columns}: is a delimiter in a text without quotes?"]}
    raw: dict[str, Any] = {"audiences": list(options.get("audiences", []))} if options.get("audiences") else {}
    points: list[tuple[str, str, str]] = []
    problems: dict[str, list[str]] = {}
    for number, target in mapping.items():
        cell = unguarded(cells[int(number)].strip()) if int(number) < len(cells) else ""
        if len(cell) > LONGEST_CELL:
            problems[target] = [_TOO_LONG]
        elif cell and target in CONTACTS:
            points += [(target, target, address) for address in (several(cell) if target in MAILED else [cell])]
        elif cell and target in LISTS:
            raw[target] = [*raw.get(target, []), *_keys(cell)]
        elif cell:
            raw[target] = cell
    for name in {"kind", "tier"} & raw.keys():
        raw[name] = str(raw[name]).lower()
    if options.get("kind"):
        raw.setdefault("kind", options["kind"])
    entry, found = read(raw, points=points or None, country=str(options.get("country", "")), loopback=loopback)
    return entry, found | problems


def address_key(entry: Entry) -> str:
    """By which two rows without ids are the same: the first address that is an e-mail address or a telephone number."""
    for point in entry.points or ():
        if point.kind in MAILED:
            return ":".join(point.key)
    return ""


def _keys(cell: str) -> list[str]:
    return [key.lower() for part in several(cell) for key in part.replace(",", " ").split()]
