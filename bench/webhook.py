"""``webhook``: signed webhooks to 100 endpoints into a sink, beside the same POSTs by a bare client. One process."""

from django.conf import settings

from bench.calls import bare, letters, own_peak_mb, sent
from bench.http_sink import http_sink
from bench.scene import installation
from bench.support import report
from core.clock import utc_now
from notifications.transports.webhooks import WebhookTransport, headers_of

CALLS = 6_000
_ENDPOINTS = 100
_ROUNDS = 5


def main() -> bool:
    """Measure and print: wording, reading the secrets in force from the database and signing included."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with installation(), http_sink("200 OK", b"thank you") as port:
        people = letters([f"http://127.0.0.1:{port}/hook/{number % _ENDPOINTS}" for number in range(CALLS)])
        transport = WebhookTransport()
        window = transport.window
        sent(transport, people[: 10 * window], window)
        body = transport.write(people[0])
        headers = headers_of(str(people[0].key), body, ["whsec_" + "x" * 44], utc_now())
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            ours.append(sent(transport, people, window))
            theirs.append(bare(people[0].address, body.encode(), headers, CALLS, window))
        transport.close()
    note = (
        f"{CALLS} webhooks of {len(body.encode())} bytes to {_ENDPOINTS} endpoints, {window} at once;"
        f" yardstick: the same POSTs by aiohttp alone; {_ROUNDS} rounds"
    )
    report("webhook", ours, theirs, peak_mb=own_peak_mb(), note=note)
    return True
