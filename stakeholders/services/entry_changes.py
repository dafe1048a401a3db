"""What an entry would change in the register: the difference, and why it cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.rules.addresses import shown
from stakeholders.rules.entries import PLAIN, Entry, Point
from stakeholders.rules.fields import local_time, problems_of
from stakeholders.rules.kinds import INSIDE
from stakeholders.services.entry_lookups import Ambiguous, Lookups

DEFAULTS = {"language": "en", "time_zone": "UTC"}
AMBIGUOUS = "Several entries of the register have this address: give the external id."


@dataclass
class Change:
    """`fields` are (before, after) in words. Without `stakeholder` the entry is new; writing it gives it one."""

    entry: Entry
    stakeholder: Stakeholder | None = None
    is_new: bool = False
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    points_new: list[Point] = field(default_factory=list)
    points_back: list[ContactPoint] = field(default_factory=list)
    points_gone: list[ContactPoint] = field(default_factory=list)
    audiences_new: list[str] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        """Whether the register says all of this already."""
        return not (self.is_new or self.fields or self.points_new or self.points_back or self.points_gone or self.audiences_new)

    @property
    def made(self) -> Stakeholder:
        """The row of the register, once it is written."""
        if self.stakeholder is None:
            raise ValueError("The entry is not written yet.")
        return self.stakeholder

    def in_words(self) -> dict[str, Any]:
        """Plain JSON: `{field: [before, after]}`, and what is added or removed."""
        words: dict[str, Any] = {name: [before, after] for name, (before, after) in self.fields.items()}
        if self.points_new or self.points_back:
            words["addresses_added"] = [*_in_words(self.points_new), *_in_words(self.points_back)]
        if self.points_gone:
            words["addresses_removed"] = _in_words(self.points_gone)
        if self.audiences_new:
            words["audiences_added"] = list(self.audiences_new)
        return words


def matched(entry: Entry, known: Lookups, *, exact_points: bool = False) -> Change:
    """The change of whatever entry of the register this one is about."""
    try:
        stakeholder = known.match(entry)
    except Ambiguous:
        return Change(entry, problems={"external_id": [AMBIGUOUS]})
    return change_of(entry, stakeholder, known, exact_points=exact_points)


def change_of(entry: Entry, stakeholder: Stakeholder | None, known: Lookups, *, exact_points: bool = False) -> Change:
    """The difference between the entry and what stands there; without `stakeholder`, a new one.

    With `exact_points` addresses that are not given are removed.
    """
    change = Change(entry, stakeholder, is_new=stakeholder is None)
    before, after = stated(stakeholder), dict(entry.values)
    if stakeholder is None:
        for name in ("kind", "name"):
            if not after.get(name):
                change.problems[name] = ["Needed for an entry that is new."]
        after = DEFAULTS | after
    _references(change, known)
    lists = {name: sorted(entry.lists[name]) for name in ("tags", "depends_on") if name in entry.lists}
    for name, wanted in {**after, **lists, **_resolved(change, known)}.items():
        if before.get(name, "") != wanted:
            change.fields[name] = (before.get(name, ""), wanted)
    _quiet(change, before)
    _points(change, exact=exact_points)
    _audiences(change, known, kind=str(after.get("kind", before.get("kind", ""))))
    return change


def _quiet(change: Change, before: Mapping[str, Any]) -> None:
    """Both ends or neither, also where one end is given and the other stands there already."""
    ends = {name: str(change.entry.values.get(name, before.get(name, ""))) for name in ("quiet_from", "quiet_until")}
    for name, texts in problems_of(ends).items():
        change.problems.setdefault(name, texts)


def stated(stakeholder: Stakeholder | None) -> dict[str, Any]:
    """What the register says now, in the words an entry has."""
    if stakeholder is None:
        return {"tags": [], "depends_on": [], "organisation": "", "success_manager": ""}
    plain = {name: getattr(stakeholder, name) for name in PLAIN if not name.startswith("quiet")}
    quiet = {name: _hour(getattr(stakeholder, name)) for name in ("quiet_from", "quiet_until")}
    return {
        **{name: value or "" for name, value in plain.items()},
        **quiet,
        "tags": sorted(stakeholder.tags),
        "depends_on": sorted(component.key for component in stakeholder.depends_on.all()),
        "organisation": stakeholder.organisation.public_id if stakeholder.organisation else "",
        "success_manager": stakeholder.success_manager.username if stakeholder.success_manager else "",
    }


def set_plain(stakeholder: Stakeholder, values: Mapping[str, str]) -> None:
    """Puts plain fields on the row; nothing is saved."""
    for name, value in values.items():
        if name.startswith("quiet"):
            setattr(stakeholder, name, local_time(value))
        elif name == "external_id":
            stakeholder.external_id = value or None
        else:
            setattr(stakeholder, name, value)


def _in_words(points: Sequence[Point] | Sequence[ContactPoint]) -> list[str]:
    return [f"{point.kind} {shown(point.kind, point.address)}" for point in points]


def _hour(at: Any) -> str:
    return at.strftime("%H:%M") if at else ""


def _references(change: Change, known: Lookups) -> None:
    for name, found in (("depends_on", known.components), ("audiences", known.audiences)):
        unknown = [key for key in change.entry.lists.get(name, ()) if key not in found]
        if unknown:
            thing = "component" if name == "depends_on" else "audience"
            change.problems[name] = [f"There is no {thing} with the key “{unknown[0][:64]}”."]


def _resolved(change: Change, known: Lookups) -> dict[str, str]:
    """Organisation by our id, success manager by user name, where they are given."""
    wanted: dict[str, str] = {}
    for name, text in change.entry.refers.items():
        if not text:
            wanted[name] = ""
        elif name == "organisation":
            organisation = known.organisations.get(text)
            if organisation is None or organisation == change.stakeholder:
                change.problems[name] = [f"No other organisation of the register is known as “{text[:100]}”, or several are."]
            else:
                wanted[name] = organisation.public_id
        elif text in known.users:
            wanted[name] = known.users[text].username
        else:
            change.problems[name] = [f"No active colleague is known as “{text[:100]}”: give a user name or an e-mail address."]
    return wanted


def _points(change: Change, *, exact: bool) -> None:
    if change.entry.points is None:
        return
    having = list(change.stakeholder.contact_points.all()) if change.stakeholder else []
    by_key = {Point(point.kind, point.address).key: point for point in having}
    for point in change.entry.points:
        there = by_key.get(point.key)
        if there is None:
            change.points_new.append(point)
        elif there.removed_at is not None:
            change.points_back.append(there)
    if exact:
        wanted = {point.key for point in change.entry.points}
        change.points_gone = [point for key, point in by_key.items() if key not in wanted and point.removed_at is None]


def _audiences(change: Change, known: Lookups, *, kind: str) -> None:
    memberships = change.stakeholder.audience_memberships.all() if change.stakeholder else ()
    having = {membership.audience.key: membership.audience for membership in memberships}
    change.audiences_new = [key for key in change.entry.lists.get("audiences", ()) if key in known.audiences and key not in having]
    if kind not in INSIDE:
        wanted = [known.audiences[key] for key in change.audiences_new]
        for audience in (*having.values(), *wanted):
            if audience.is_internal:
                text = f"“{audience.name}” is internal: only colleagues (person, team) can be in it."
                change.problems["audiences" if audience in wanted else "kind"] = [text]
