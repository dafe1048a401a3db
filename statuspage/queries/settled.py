"""What is settled on the page: closed incidents, and months that are over with all their incidents closed.

There may be any number of them, so a publication reads only a digest for each drawer of the archive (`statuspage.snapshot`),
made of those that stand with the incidents. Incidents are read for the drawers that have to be written.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.canonical import canonical_hash
from statuspage.models import PublicComponent, PublicIncident
from statuspage.queries.projection import incident_records, page_record
from statuspage.rules.page_views import month_of
from statuspage.rules.record import PageRecord

# `members` says which incidents are in the drawer, `content` what was said of them; the last column the components they name.
_DRAWERS = """
SELECT place, encode(sha256(convert_to(string_agg(code, ',' ORDER BY code), 'UTF8')), 'hex'),
    encode(sha256(convert_to(string_agg(code || ' ' || digest, ',' ORDER BY code), 'UTF8')), 'hex'), max(updated_at),
    string_agg(component_codes, ',')
FROM (SELECT i.*, {place} AS place FROM statuspage_publicincident i WHERE {where}) p
GROUP BY place HAVING bool_and(resolved_at IS NOT NULL)
"""
_CODES = _DRAWERS.format(place="'incidents/' || left(i.code, 2)", where="i.resolved_at IS NOT NULL AND i.code LIKE %s")
_MONTHS = _DRAWERS.format(
    place="'history/' || to_char(i.started_at AT TIME ZONE 'UTC', 'YYYY-MM')", where="i.started_at >= %s AND i.started_at < %s"
)
_BEGINNING = dt.datetime(1, 1, 2, tzinfo=dt.UTC)


@dataclass(frozen=True)
class SettledDrawer:
    """A drawer of the archive as the projection would fill it now. `changed_at`: the last release about anything in it."""

    place: str
    members: str
    content: str
    changed_at: dt.datetime


def settled_drawers(now: dt.datetime) -> list[SettledDrawer]:
    """Every drawer there is: two queries, and memory for digests alone."""
    return [*_ask(_CODES, "%"), *_ask(_MONTHS, _BEGINNING, _first_moment(month_of(now)))]


def settled_drawer(place: str, now: dt.datetime) -> SettledDrawer | None:
    """The drawer at `place`; None where nothing is settled there."""
    shelf, _, start = place.partition("/")
    if shelf == "incidents":
        found = _ask(_CODES, f"{start}%")
    else:
        month = dt.date.fromisoformat(f"{start}-01")
        found = _ask(_MONTHS, _first_moment(month), _first_moment(min(_next(month), month_of(now))))
    return found[0] if found else None


def read_settled(place: str) -> PageRecord:
    """The incidents whose pages lie in the drawer, with what their pages need of the page."""
    shelf, _, start = place.partition("/")
    if shelf == "incidents":
        incidents = PublicIncident.objects.filter(resolved_at__isnull=False, code__startswith=start)
    else:
        month = dt.date.fromisoformat(f"{start}-01")
        incidents = PublicIncident.objects.filter(started_at__gte=_first_moment(month), started_at__lt=_first_moment(_next(month)))
    return page_record(incident_records(incidents))


def _ask(query: str, *parameters: Any) -> list[SettledDrawer]:
    # A page shows the names of components in their order, so those of the drawer's components count as its content.
    names = dict(PublicComponent.objects.values_list("code", "name"))
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [
            SettledDrawer(place, members, canonical_hash({"said": said, "components": _in_order(names, codes)}), changed_at)
            for place, members, said, changed_at, codes in cursor.fetchall()
        ]


def _in_order(names: Mapping[str, str], codes: str) -> list[list[str]]:
    mentioned = set(codes.split(","))
    return [[code, name] for code, name in names.items() if code in mentioned]


def _first_moment(month: dt.date) -> dt.datetime:
    return dt.datetime(month.year, month.month, 1, tzinfo=dt.UTC)


def _next(month: dt.date) -> dt.date:
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
