"""Which transports there are: `{(channel, provider): factory}`. A new one is one line here."""

import threading
from collections.abc import Callable

from notifications.transports.contract import Transport
from notifications.transports.sendgrid import SendGridTransport
from notifications.transports.slack import SlackTransport
from notifications.transports.smtp import SmtpTransport
from notifications.transports.teams import TeamsTransport
from notifications.transports.twilio_sms import TwilioTransport
from notifications.transports.webhooks import WebhookTransport

TRANSPORTS: dict[tuple[str, str], Callable[[], Transport]] = {
    ("email", "smtp"): SmtpTransport,
    ("email", "sendgrid"): SendGridTransport,
    ("sms", "twilio"): TwilioTransport,
    ("webhook", "standard"): WebhookTransport,
    ("slack", "incoming"): SlackTransport,
    ("teams", "workflows"): TeamsTransport,
}

_kept = threading.local()


def transport_for(channel: str, provider: str) -> Transport:
    """This thread's transport of that name, made once. Raises `KeyError` for one that is not there."""
    mine: dict[tuple[str, str], Transport] = vars(_kept).setdefault("transports", {})
    found = mine.get((channel, provider))
    if found is None:
        found = mine[channel, provider] = TRANSPORTS[channel, provider]()
    return found
