"""Search as one types over a million entries, beside reading one entry by its key.

The yardstick is one `SELECT` of an entry by primary key with its addresses: as little as any page of an entry can ask. Ours is what
the page asks while a name, an address or a number is typed sign by sign, words that everybody has among them, and the first and a late
page of the list. The note gives how long they take, one by one.
"""

import os
import statistics
import time

import bench.scene  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.db import connection

from bench.scene import SYSTEM, installation
from bench.support import Round, cpu_seconds, peak_mb, report
from stakeholders.models import Stakeholder
from stakeholders.queries.search import Place, register_page, search_register

PEOPLE = int(os.environ.get("BENCH_REGISTER_PEOPLE", "1000000"))
ROUNDS = 5
_TRIGRAMS = ("stakeholders_name_trgm", "stakeholders_address_trgm")
# Names out of two lists of parts, so that a word is had by thousands, and "Group" by half of all.
_REGISTER = """
INSERT INTO stakeholders_stakeholder (public_id, external_id, kind, name, tier, contract, region, tags, language, time_zone, created_at)
SELECT lpad(to_hex(n), 12, '0'), 'crm-' || n, 'customer',
    (ARRAY['Acme','Borealis','Cormorant','Dunlin','Egret','Fulmar','Gannet','Harrier','Ibis','Jackdaw'])[1 + n %% 10] || ' '
    || (ARRAY['Bank','Freight','Media','Labs','Foods','Energy','Care'])[1 + n %% 7] || ' ' || md5(n::text)::varchar(6)
    || CASE WHEN n %% 2 = 0 THEN ' Group' ELSE '' END, '', '', '', ARRAY[]::varchar[], 'en', 'UTC', clock_timestamp()
FROM generate_series(1, %(people)s) AS n;
INSERT INTO stakeholders_contactpoint (stakeholder_id, kind, address, position, verification, consent_source, suppression_kind,
    suppression_reason, soft_bounces, created_at)
SELECT id, 'email', md5(id::text)::varchar(8) || '.' || id || '@example.com', 0, 'unneeded', '', '', '', 0, clock_timestamp()
FROM stakeholders_stakeholder;
"""


def _typed(words: str) -> list[str]:
    """What stands in the field after each sign."""
    return [words[: length + 1] for length in range(len(words))]


def main() -> bool:
    """Print the line `bench register`: searches per second."""
    with installation():
        _fill()
        one = Stakeholder.objects.get(external_id=f"crm-{PEOPLE // 2}")
        address = one.contact_points.get().address
        searches = [
            *_typed(one.name.lower()),
            *_typed(address[:12]),
            *_typed("group"),
            "example.com",
            f"crm-{PEOPLE // 3}",
            "no such name",
            "zz",
        ]
        taken, times = [], dict[str, list[float]]()
        for words in searches:
            search_register(SYSTEM, words)
        for _ in range(ROUNDS):
            cpu, began = cpu_seconds(os.getpid()), time.perf_counter()
            for words in searches:
                start = time.perf_counter()
                search_register(SYSTEM, words)
                times.setdefault(words, []).append(1000 * (time.perf_counter() - start))
            ours = Round(len(searches) / (time.perf_counter() - began), len(searches), cpu_seconds(os.getpid()) - cpu)
            began = time.perf_counter()
            for n in range(len(searches)):
                list(Stakeholder.objects.prefetch_related("contact_points").filter(pk=one.pk + n))
            taken.append((ours, Round(len(searches) / (time.perf_counter() - began), len(searches), 0.0)))
        middle = {words: statistics.median(took) for words, took in times.items()}
        slow = sorted(middle, key=lambda words: -middle[words])[:3]
        every = sorted(took for all_ in times.values() for took in all_)
        first, late = _pages(one)
        report(
            "register",
            [ours for ours, _ in taken],
            [plain for _, plain in taken],
            peak_mb=peak_mb(os.getpid()),
            note=f"{PEOPLE} entries; half of the searches within {statistics.median(every):.1f} ms, 99 of 100 within "
            f"{every[int(len(every) * 0.99)]:.1f} ms; slowest: "
            + ", ".join(f"“{words}” {middle[words]:.1f} ms" for words in slow)
            + f"; the list's first page {first:.1f} ms, one from its middle {late:.1f} ms",
        )
    return True


def _fill() -> None:
    """The register, with its indexes of trigrams made anew at the end: row by row they take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname IN %s", [_TRIGRAMS])
        made = cursor.fetchall()
        for name, _ in made:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(_REGISTER, {"people": PEOPLE})
        for _, definition in made:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")


def _pages(middle: Stakeholder) -> tuple[float, float]:
    """Milliseconds for a page from the beginning of the list, and from its middle."""
    taken = []
    for place in (None, Place(middle.name, middle.pk)):
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            register_page(SYSTEM, after=place)
            times.append(1000 * (time.perf_counter() - start))
        taken.append(statistics.median(times))
    return taken[0], taken[1]
