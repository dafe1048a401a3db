"""A list of 100,000 rows with 1,000 deliberate faults taken into the register, beside a bare COPY of the same file.

The yardstick puts the lines into a table of text without an index. Ours is the whole way: the upload read and stored row by row, the
dry run that judges each row and puts the same together, and writing what it showed, in the chunks and transactions of the tick.
Memory is looked at after a tenth of the writing and at the end: it must not grow with the number of rows.
"""

import io
import os
import time

import bench.scene  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.db import connection

from bench.scene import installation, staff
from bench.support import Round, cpu_seconds, peak_mb, report
from core.clock import utc_now
from stakeholders.models import RegisterImport, Stakeholder
from stakeholders.services import start_apply, start_check, take_file, work_off_imports

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))
FAULTS = ROWS // 100
ROUNDS = int(os.environ.get("BENCH_IMPORT_ROUNDS", "3"))
OPTIONS = {"kind": "customer", "country": "", "audiences": ["customers"], "consent": False, "confirm": False}


def main() -> bool:
    """Print the line `bench register_import`: rows taken in per second, from the upload to the last one written."""
    with installation():
        actor, taken, notes, after_tenth = staff().comms, [], [], 0.0
        for turn in range(ROUNDS):
            text = _list(turn)
            cpu, began = cpu_seconds(os.getpid()), time.perf_counter()
            made = take_file(actor=actor, now=utc_now(), file=io.BytesIO(text), name="list.csv")
            read = time.perf_counter()
            start_check(actor=actor, now=utc_now(), taken=made, mapping=made.mapping, options=OPTIONS)
            while work_off_imports(now=utc_now(), seconds=1.0):
                pass
            judged = time.perf_counter()
            start_apply(actor=actor, now=utc_now(), taken=made)
            while work_off_imports(now=utc_now(), seconds=0.5):
                if not after_tenth and RegisterImport.objects.filter(pk=made.pk, done__gte=ROWS // 10).exists():
                    after_tenth = peak_mb(os.getpid())
            done = time.perf_counter()
            made.refresh_from_db()
            ours = Round(ROWS / (done - began), ROWS, cpu_seconds(os.getpid()) - cpu)
            notes.append((read - began, judged - read, done - judged))
            taken.append((ours, _bare(text)))
            if (made.counts["new"], made.counts["error"]) != (ROWS - FAULTS, FAULTS) or Stakeholder.objects.count() != (turn + 1) * (
                ROWS - FAULTS
            ):
                raise RuntimeError(f"what came in is not what was put in: {made.counts}")
        upload, check, write = notes[len(notes) // 2]
        report(
            "register_import",
            [ours for ours, _ in taken],
            [plain for _, plain in taken],
            peak_mb=peak_mb(os.getpid()),
            note=f"{ROWS} rows, {FAULTS} at fault; read in {upload:.1f} s, dry run {check:.1f} s, written in {write:.1f} s;"
            f" peak after a tenth {after_tenth:.1f} MB, at the end {peak_mb(os.getpid()):.1f} MB",
        )
    return True


def _list(turn: int) -> bytes:
    out = io.StringIO()
    out.write("external_id,name,email,phone,region,tags,time_zone,tier\n")
    for n in range(ROWS):
        email = "no address" if n % 100 == 50 else f"c{turn}-{n}@example.com"
        out.write(f"crm-{turn}-{n},Customer {n},{email},,eu-west,beta; web,Europe/Berlin,key\n")
    return out.getvalue().encode()


def _bare(text: bytes) -> Round:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_lines (line text)")
        began = time.perf_counter()
        cursor.copy_expert("COPY bench_lines FROM STDIN", io.BytesIO(text))
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_lines")
    return Round(ROWS / took, ROWS, 0.0)
