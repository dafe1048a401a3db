"""``sms``: text messages by Twilio's SDK into a sink, beside the same POSTs by a bare client. One process."""

import json
from urllib.parse import urlencode

from django.conf import settings

import bench.ready  # noqa: F401 - sets Django up
from bench.calls import bare, letters, own_peak_mb, sent
from bench.http_sink import http_sink
from bench.support import report
from demo.fakes.journal import Journal
from demo.fakes.server import ACCOUNT, TOKEN
from demo.fakes.twilio import Twilio
from notifications.rules.sms import segments
from notifications.transports.twilio_sms import TwilioTransport

CALLS = 6_000
_ROUNDS = 5


def main() -> bool:
    """Measure and print: wording, the SDK's request and its reading of the answer included; no database."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, "+15005550006"
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    form = {"To": "+4915112345678", "From": "+15005550006", "Body": "x" * 150, "StatusCallback": f"https://comms.example.com/{'x' * 60}"}
    answer = json.dumps(Twilio(Journal(), ACCOUNT, TOKEN)._message(form)).encode()
    people = letters([f"+4915{number:09}" for number in range(CALLS)])
    with http_sink("201 Created", answer) as port:
        settings.TWILIO_API_URL = f"http://127.0.0.1:{port}"
        url = f"{settings.TWILIO_API_URL}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic " + "x" * 60}
        transport = TwilioTransport()
        window = transport.window
        sent(transport, people[: 10 * window], window)
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            ours.append(sent(transport, people, window))
            theirs.append(bare(url, urlencode(form).encode(), headers, CALLS, window))
        text = transport.write(people[0])
        transport.close()
    found = segments(text)
    note = f"{CALLS} messages of {found.count} segments, {window} at once; yardstick: the same POSTs by aiohttp alone; {_ROUNDS} rounds"
    report("sms", ours, theirs, peak_mb=own_peak_mb(), note=note)
    return True
