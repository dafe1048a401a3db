"""``sendgrid``: an update to many readers through the engine into a sink that answers 202, beside a plain script of the same calls.

Two processes each. A second line is of the transport alone, without a database.
"""

import http.client
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

import bench.ready  # noqa: F401 - sets Django up
from bench.calls import letters, own_peak_mb, sent
from bench.http_sink import http_sink
from bench.scene import Staff, approve, installation, release, staff, subscribe
from bench.support import Round, cpu_per_1000, report
from core.clock import utc_now
from notifications.models import ChannelProvider, Delivery, Message
from notifications.rules.states import DeliveryState
from notifications.services import claim_and_send
from notifications.services.expand import expand_for
from notifications.transports.contract import Letter
from notifications.transports.sendgrid import KEY, MOST, SendGridTransport

# A smaller number for a quick look.
READERS = int(os.environ.get("BENCH_READERS", "200000"))
_CALLED = 100_000
_PROCESSES = 2
_ROUNDS = 3
_CAPS = (50, 100, 250, 500)
_PATIENCE = 900
_fork = multiprocessing.get_context("fork")


def main() -> bool:
    """Measure and print: the engine from the release's transaction, planning included, to the last accepted delivery."""
    settings.SENDGRID_API_KEY = "SG.stand-in"
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.DEFAULT_FROM_EMAIL, settings.CONSOLE_URL = "Status <status@example.com>", "https://comms.example.com"
    people = letters([f"reader{number}@example.com" for number in range(_CALLED)])
    with http_sink("202 Accepted", b"", "X-Message-Id: 0123456789abcdefghijkl") as port:
        settings.SENDGRID_API_URL = f"http://127.0.0.1:{port}"
        engine, theirs, planning, database, stages = [], [], [], [], []
        with installation():
            ChannelProvider.objects.filter(provider="smtp").update(enabled=False)
            ChannelProvider.objects.filter(provider="sendgrid").update(enabled=True)
            released_by = staff()
            subscribe(READERS)
            for _ in range(_ROUNDS):
                whole, planned, of_database, sending = _through_the_engine(released_by)
                engine.append(whole)
                planning.append(planned)
                database.append(of_database)
                stages.append(sending)
                theirs.append(_together(lambda share: _theirs(port, share), people))
        _engine_line(engine, theirs, planning, database, stages)
        _transport_line(port, people)
    return True


def _engine_line(
    engine: Sequence[Round], theirs: Sequence[Round], planning: Sequence[float], database: Sequence[Round], stages: Sequence[Round]
) -> None:
    note = (
        f"{READERS} readers through the engine, {MOST} a call, {_PROCESSES} processes, {len(engine)} rounds; planned in"
        f" {max(planning):.2f} s at most; of cpu_s_per_1000 the database's sessions took {cpu_per_1000(database):.4f}, all that follows"
        f" the planning {cpu_per_1000(stages):.4f}; load {os.getloadavg()[0]:.1f}"
    )
    report("sendgrid", engine, theirs, peak_mb=own_peak_mb(), note=note)


def _transport_line(port: int, people: Sequence[Letter]) -> None:
    """Links, keys, zones, JSON and the SDK included; no database. Then the same for other caps."""
    size = _call_size(people[:MOST])
    ours, theirs = [], []
    for _ in range(_ROUNDS):
        ours.append(_together(lambda share: _ours(share, MOST), people))
        theirs.append(_together(lambda share: _theirs(port, share), people))
    by_cap = {cap: 1000 * _together(lambda share, cap=cap: _ours(share, cap), people).cpu_seconds / len(people) for cap in _CAPS}  # type: ignore[misc]
    curve = ", ".join(f"{cap}: {cpu:.4f}" for cap, cpu in by_cap.items())
    note = f"{len(people)} readers by the transport alone, {MOST} a call of {size} bytes; cpu_s_per_1000 by readers of a call {curve}"
    report("sendgrid.transport", ours, theirs, peak_mb=own_peak_mb(), note=note)


def _through_the_engine(people: Staff) -> tuple[Round, float, Round, Round]:
    """The whole; how long planning took; what the database's sessions used of it; and what was used once all was planned."""
    begun, used, of_database = time.monotonic(), time.process_time(), _session_seconds()
    approved = approve(people, utc_now())
    message = release(people, approved, utc_now())
    while expand_for(60.0, now=utc_now()):
        pass
    planned = time.monotonic() - begun
    used, of_database = time.process_time() - used, _session_seconds() - of_database
    message_id = message.pk
    connection.close()
    answers = _fork.Queue()
    running = [_fork.Process(target=_work, args=(message_id, answers)) for _ in range(_PROCESSES)]
    for process in running:
        process.start()
    shares = [answers.get(timeout=_PATIENCE) for _ in running]
    for process in running:
        process.join()
    seconds = time.monotonic() - begun
    accepted = Delivery.objects.filter(message_id=message_id, state=DeliveryState.ACCEPTED).count()
    if accepted != READERS:
        raise RuntimeError(f"{accepted} of {READERS} were accepted")
    sending, in_database = sum(own for own, _ in shares), sum(theirs for _, theirs in shares)
    per_second = READERS / seconds
    return (
        Round(per_second, READERS, used + of_database + sending + in_database),
        planned,
        Round(per_second, READERS, of_database + in_database),
        Round(per_second, READERS, sending + in_database),
    )


def _work(message_id: int, answers: "multiprocessing.Queue[tuple[float, float]]") -> None:
    """What a worker process does, until the message is finished."""
    used, of_database = time.process_time(), _session_seconds()
    while not Message.objects.filter(pk=message_id, finished_at__isnull=False).exists():
        if not claim_and_send():
            time.sleep(0.02)
    answers.put((time.process_time() - used, _session_seconds() - of_database))
    connection.close()


def _session_seconds() -> float:
    """Processor time of this connection's process in the database, which runs on this machine (proc(5), schedstat: nanoseconds)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(Path(f"/proc/{cursor.fetchone()[0]}/schedstat").read_text().split()[0]) / 1e9


def _together(work: Callable[[Sequence[Letter]], Round], people: Sequence[Letter]) -> Round:
    """Each process does its share; all begin when the last is warm. The rate is of all, from the first call to the last answer."""
    barrier, shares = _fork.Barrier(_PROCESSES), [people[n::_PROCESSES] for n in range(_PROCESSES)]
    answers = _fork.Queue()
    running = [_fork.Process(target=_run, args=(work, share, barrier, answers)) for share in shares]
    for process in running:
        process.start()
    rounds = [answers.get(timeout=300) for _ in running]
    for process in running:
        process.join()
    slowest = max(turn.operations / turn.per_second for turn in rounds)
    return Round(len(people) / slowest, len(people), sum(turn.cpu_seconds for turn in rounds))


def _run(
    work: Callable[[Sequence[Letter]], Round], share: Sequence[Letter], barrier: Barrier, answers: "multiprocessing.Queue[Round]"
) -> None:
    work(share[:2000])
    barrier.wait()
    answers.put(work(share))


def _ours(share: Sequence[Letter], cap: int) -> Round:
    transport = SendGridTransport()
    try:
        return sent(transport, share, cap)
    finally:
        transport.close()


def _theirs(port: int, share: Sequence[Letter]) -> Round:
    """What a script would do: the same members as a dictionary, dumped and posted over one kept connection. It signs no link."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begun, used = time.monotonic(), time.process_time()
    for start in range(0, len(share), MOST):
        personalizations = [_plain(letter) for letter in share[start : start + MOST]]
        connection.request("POST", "/v3/mail/send", json.dumps({"content": "x" * 2000, "personalizations": personalizations}).encode())
        connection.getresponse().read()
    seconds = time.monotonic() - begun
    connection.close()
    return Round(len(share) / seconds, len(share), time.process_time() - used)


def _plain(letter: Letter) -> dict[str, Any]:
    key = str(letter.key)
    link = f"https://comms.example.com/unsubscribe/{letter.delivery}-1:{'x' * 43}/"
    return {
        "to": [{"email": letter.address}],
        "headers": {"X-Delivery-Key": key, "List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "custom_args": {KEY: key},
        "substitutions": {"link": link, "released": "2 Mar 2026, 15:00 CET (14:00 UTC)", "next": "2 Mar 2026, 15:30 CET (14:30 UTC)"},
    }


def _call_size(people: Sequence[Letter]) -> int:
    transport = SendGridTransport()
    return len(transport.body_of(people).encode())
