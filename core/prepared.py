"""Statements that PostgreSQL plans once for a connection: of a long one that is run often, planning costs more than running it.

The plan is made for any values and for tables of any size, also where they are empty when it is made: it is held to the indexes, and
joins by looking up row by row. What no index serves looks dear beyond measure by that; it must not be compiled for it
(docs/decisions/0055). So it is for statements that read few rows of large tables, each found by an index.
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_HELD = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
_BY_INDEX = "".join(f"SET LOCAL {name} = {value}; " for name, value in _HELD.items())
_FREELY = "; ".join(f"SET LOCAL {name} = DEFAULT" for name in _HELD)
_known: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


class Prepared:
    """`sql` names its parameters as `%(name)s`; `types` are theirs, in PostgreSQL's words. `name` is its own in the whole product."""

    def __init__(self, name: str, sql: str, **types: str) -> None:
        self.name = name
        places = {parameter: f"${place}" for place, parameter in enumerate(types, start=1)}
        self._prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {sql % places}"
        self._execute = f"EXECUTE {name} ({', '.join(f'%({parameter})s' for parameter in types)})"

    def fetchall(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Runs it; needs a transaction."""
        with connection.cursor() as cursor:
            known = _known.setdefault(connection.connection, set())
            if self.name not in known:
                cursor.execute(f"{_BY_INDEX}{self._prepare}; {_FREELY}")
                known.add(self.name)
            cursor.execute(_BY_INDEX + self._execute, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            cursor.execute(_FREELY)
            return rows
