"""``sendgrid``: readers by SendGrid's SDK into a sink that answers 202, beside a plain script of the same calls. Two processes each."""

import http.client
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

from django.conf import settings

import bench.ready  # noqa: F401 - sets Django up
from bench.calls import letters, own_peak_mb, sent
from bench.http_sink import http_sink
from bench.scene import approve, installation, release, staff, subscribe
from bench.support import Round, report
from core.clock import utc_now
from notifications.models import ChannelProvider, Delivery
from notifications.rules.states import DeliveryState
from notifications.services import claim_and_send
from notifications.services.expand import expand_for
from notifications.transports.contract import Letter
from notifications.transports.sendgrid import KEY, MOST, SendGridTransport

READERS = 100_000
_PROCESSES = 2
_ROUNDS = 5
_CAPS = (50, 100, 250, 500, 1000)
_ENGINE_READERS = 20_000
_fork = multiprocessing.get_context("fork")


def main() -> bool:
    """Measure and print: links, keys, zones, JSON and the SDK included; no database. Then the same for other caps."""
    settings.SENDGRID_API_KEY = "SG.stand-in"
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.DEFAULT_FROM_EMAIL, settings.CONSOLE_URL = "Status <status@example.com>", "https://comms.example.com"
    people = letters([f"reader{number}@example.com" for number in range(READERS)])
    with http_sink("202 Accepted", b"", "X-Message-Id: 0123456789abcdefghijkl") as port:
        settings.SENDGRID_API_URL = f"http://127.0.0.1:{port}"
        size = _call_size(people[:MOST])
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            ours.append(_together(lambda share: _ours(share, MOST), people))
            theirs.append(_together(lambda share: _theirs(port, share), people))
        by_cap = {cap: _together(lambda share, cap=cap: _ours(share, cap), people).per_second for cap in _CAPS}  # type: ignore[misc]
        engine = _through_the_engine()
    curve = ", ".join(f"{cap}: {rate:,.0f}" for cap, rate in by_cap.items())
    note = f"{READERS} readers, {MOST} a call of {size} bytes, {_PROCESSES} processes, {_ROUNDS} rounds; readers/s by cap {curve}; {engine}"
    report("sendgrid", ours, theirs, peak_mb=own_peak_mb(), note=note)
    return True


def _through_the_engine() -> str:
    """One release to many, planned before: claims, attempts on record before each call, outcomes and counters, by this one process."""
    with installation():
        ChannelProvider.objects.filter(provider="smtp").update(enabled=False)
        ChannelProvider.objects.filter(provider="sendgrid").update(enabled=True)
        people = staff()
        subscribe(_ENGINE_READERS)
        message = release(people, approve(people, utc_now()), utc_now())
        while expand_for(60.0, now=utc_now()):
            pass
        begun, used = time.monotonic(), time.process_time()
        while claim_and_send():
            pass
        seconds, cpu = time.monotonic() - begun, time.process_time() - used
        accepted = Delivery.objects.filter(message=message, state=DeliveryState.ACCEPTED).count()
    if accepted != _ENGINE_READERS:
        raise RuntimeError(f"{accepted} of {_ENGINE_READERS} were accepted")
    rate = f"{accepted / seconds:,.0f} readers/s, cpu_s_per_1000={1000 * cpu / accepted:.4f} of its own"
    return f"through the engine by one process {rate}"


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
