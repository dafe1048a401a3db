"""An entry of the register as lists and programs give it: only what is given is set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stakeholders.rules.addresses import BadAddress, normal_address
from stakeholders.rules.fields import CHECKS, problems_of, tag_problems

PLAIN = tuple(CHECKS)
LISTS = ("tags", "depends_on", "audiences")
REFERENCES = ("organisation", "success_manager")
FIELDS = (*PLAIN, *LISTS, *REFERENCES)
MOST_POINTS = 20


@dataclass(frozen=True)
class Point:
    """A kind of address and the address in its normal form."""

    kind: str
    address: str

    @property
    def key(self) -> tuple[str, str]:
        """What two spellings of one address share: mail servers that tell capitals apart are not found in practice."""
        return (self.kind, self.address.lower())


@dataclass(frozen=True)
class Entry:
    """`values` are plain fields by name; `lists` hold keys (`depends_on`: components); `refers` other entries and people by a name.

    `points` is `None` where no addresses were given at all.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refers: Mapping[str, str] = field(default_factory=dict)
    points: tuple[Point, ...] | None = None

    @property
    def external_id(self) -> str:
        """The name another system knows the entry by; empty when none was given."""
        return self.values.get("external_id", "")

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, for `from_json`."""
        points = None if self.points is None else [[point.kind, point.address] for point in self.points]
        lists = {name: list(keys) for name, keys in self.lists.items()}
        return {"values": dict(self.values), "lists": lists, "refers": dict(self.refers), "points": points}

    @staticmethod
    def from_json(given: Mapping[str, Any]) -> "Entry":
        """What `as_json` wrote."""
        points = given["points"]
        return Entry(
            values=given["values"],
            lists={name: tuple(keys) for name, keys in given["lists"].items()},
            refers=given["refers"],
            points=None if points is None else tuple(Point(kind, address) for kind, address in points),
        )


def read(
    raw: Mapping[str, Any], *, points: Iterable[tuple[str, str, str]] | None = None, country: str = "", loopback: bool = False
) -> tuple[Entry, dict[str, list[str]]]:
    """The entry, and what is wrong with it by field. `points` are (field to blame, kind, address).

    What is wrong is left out of the entry.
    """
    values = {name: str(raw[name]).strip() for name in PLAIN if raw.get(name) is not None}
    problems = problems_of(values)
    lists = {name: tuple(dict.fromkeys(str(key) for key in raw[name])) for name in LISTS if raw.get(name) is not None}
    if found := tag_problems(lists.get("tags", ())):
        problems["tags"] = found
    refers = {name: str(raw[name]).strip() for name in REFERENCES if raw.get(name) is not None}
    normal: dict[tuple[str, str], Point] = {}
    for blame, kind, address in points or ():
        try:
            point = Point(kind, normal_address(kind, address, country=country, loopback=loopback))
        except BadAddress as error:
            problems.setdefault(blame, []).append(str(error))
        else:
            normal.setdefault(point.key, point)
    if len(normal) > MOST_POINTS:
        problems["contact_points"] = [f"Give at most {MOST_POINTS} addresses."]
    entry = Entry(
        values={name: value for name, value in values.items() if name not in problems},
        lists={name: keys for name, keys in lists.items() if name not in problems},
        refers=refers,
        points=None if points is None else tuple(normal.values()),
    )
    return entry, problems


def merged(first: Entry, later: Entry) -> Entry:
    """Two rows about one and the same: the later one's plain fields win, lists and addresses are put together."""
    points = None
    if first.points is not None or later.points is not None:
        together = {point.key: point for point in reversed((*(first.points or ()), *(later.points or ())))}
        points = tuple(reversed(together.values()))
    lists = dict(first.lists)
    for name, keys in later.lists.items():
        lists[name] = tuple(dict.fromkeys((*lists.get(name, ()), *keys)))
    return replace(first, values={**first.values, **later.values}, lists=lists, refers={**first.refers, **later.refers}, points=points)
