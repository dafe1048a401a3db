"""``smtp``: one update to 100,000 subscribers beside Postfix's smtp-source, in turns, into the same smtp-sink."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from bench.letters import PATIENCE, let_out, letter_size
from bench.mail_sink import mail_sink
from bench.scene import installation, staff, subscribe
from bench.support import Round, cpu_per_1000, not_measured, peak_mb, program, report
from notifications.transports.mail_parts import sender_address
from tests.support.workers import start_worker

# A smaller number for a quick look.
READERS = int(os.environ.get("BENCH_READERS", "100000"))
_ROUNDS = 5
_SESSIONS = 2


def main() -> bool:
    """Measure and print; ours runs from the release's transaction, planning included, to the last accepted delivery."""
    source, sink = program("smtp-source"), program("smtp-sink")
    if source is None or sink is None:
        not_measured("smtp", "Postfix (smtp-source and smtp-sink)")
        return False
    with tempfile.TemporaryDirectory(prefix="bench-smtp-") as scratch, installation() as environment, mail_sink(sink) as port:
        environment |= {"STATUSPAGE_DIR": str(Path(scratch, "page"))}
        people = staff()
        subscribe(READERS)
        worker = start_worker(environment=environment, smtp_port=port, log=Path(scratch, "worker.log"))
        try:
            # The first round warms workers up and is not counted.
            let_out(people, worker.process.pid, READERS)
            size = letter_size()
            ours, theirs, planning = [], [], []
            for _ in range(_ROUNDS):
                turn, planned_in = let_out(people, worker.process.pid, READERS)
                ours.append(turn)
                planning.append(planned_in)
                theirs.append(_theirs(source, port, size))
            peak = peak_mb(worker.process.pid)
        finally:
            worker.kill_all()
    note = (
        f"{READERS} letters of {size} bytes over {_SESSIONS} connections; {_ROUNDS} rounds; planned in {max(planning):.2f} s at most; "
        f"smtp-source cpu_s_per_1000={cpu_per_1000(theirs):.4f}"
    )
    report("smtp", ours, theirs, peak_mb=peak, note=note)
    return True


def _theirs(source: str, port: int, size: int) -> Round:
    before, begun = os.times(), time.monotonic()
    # -d keeps the connections, as ours are kept.
    command = [source, "-d", "-s", str(_SESSIONS), "-m", str(READERS), "-l", str(size), "-f", sender_address(), "-t", "reader@example.com"]
    subprocess.run([*command, f"inet:127.0.0.1:{port}"], check=True, timeout=PATIENCE)
    seconds, after = time.monotonic() - begun, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Round(READERS / seconds, READERS, used)
