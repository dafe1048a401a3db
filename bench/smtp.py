"""``smtp``: one update to 100,000 subscribers beside Postfix's smtp-source, in turns, into the same smtp-sink."""

import os
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

from bench.mail_sink import mail_sink
from bench.scene import Staff, approve, installation, release, staff, subscribe
from bench.support import Round, cpu_per_1000, cpu_seconds, not_measured, peak_mb, program, report
from core.clock import utc_now
from notifications.models import Delivery, Message
from notifications.rules.states import DeliveryState, MessageKind
from notifications.transports.contract import Letter, MessageView
from notifications.transports.mail import compose
from notifications.transports.mail_parts import sender_address
from tests.support.workers import start_worker, wait_until

# A smaller number for a quick look.
READERS = int(os.environ.get("BENCH_READERS", "100000"))
_ROUNDS = 5
_SESSIONS = 2
_PATIENCE = 900


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
            size = _letter_size(people, worker.process.pid)
            ours, theirs, planning = [], [], []
            for _ in range(_ROUNDS):
                turn, planned_in = _ours(people, worker.process.pid)
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


def _letter_size(people: Staff, pid: int) -> int:
    _ours(people, pid)
    delivery = Delivery.objects.filter(purpose="release").select_related("message", "contact_point", "audience").latest("id")
    if delivery.contact_point is None or delivery.audience is None:
        raise RuntimeError("A subscriber's delivery has an address and an audience.")
    message = delivery.message
    view = MessageView(message.pk, message.public_id, MessageKind(message.kind), message.wording, message.facts)
    audience, to = delivery.audience, delivery.contact_point
    letter = compose(
        Letter(delivery.pk, str(delivery.key), to.address, "en", "UTC", audience.key, audience.name, view, (to.pk, audience.pk)),
        at=utc_now(),
    )
    return len(letter)


def _ours(people: Staff, pid: int) -> tuple[Round, float]:
    now = utc_now()
    approved = approve(people, now)
    wait_until(partial(_nothing_waits, None), _PATIENCE, "the notices to reviewers")
    before, begun = cpu_seconds(pid), time.monotonic()
    message = release(people, approved, now)
    planned_in = time.monotonic() - begun
    wait_until(partial(_nothing_waits, message.pk), _PATIENCE, "the last letter")
    seconds = time.monotonic() - begun
    accepted = Delivery.objects.filter(message=message, state=DeliveryState.ACCEPTED).count()
    if accepted != READERS:
        raise RuntimeError(f"{accepted} of {READERS} letters were accepted")
    return Round(READERS / seconds, READERS, cpu_seconds(pid) - before), planned_in


def _nothing_waits(message_id: int | None) -> bool:
    unfinished = Message.objects.filter(finished_at__isnull=True)
    return not (unfinished.filter(pk=message_id) if message_id else unfinished).exists()


def _theirs(source: str, port: int, size: int) -> Round:
    before, begun = os.times(), time.monotonic()
    # -d keeps the connections, as ours are kept.
    command = [source, "-d", "-s", str(_SESSIONS), "-m", str(READERS), "-l", str(size), "-f", sender_address(), "-t", "reader@example.com"]
    subprocess.run([*command, f"inet:127.0.0.1:{port}"], check=True, timeout=_PATIENCE)
    seconds, after = time.monotonic() - begun, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Round(READERS / seconds, READERS, used)
