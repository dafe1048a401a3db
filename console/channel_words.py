"""Providers, and how sending by them ends, as people name them."""

from typing import Final

PROVIDERS: Final[dict[str, str]] = {
    "smtp": "Mail server (SMTP)",
    "sendgrid": "SendGrid",
    "twilio": "Twilio",
    "standard": "Signed webhooks",
    "incoming": "Incoming webhooks",
    "workflows": "Workflows",
    "": "not tried yet",
}
# What a test is sent to, as the field says it.
ADDRESSES: Final[dict[str, tuple[str, str]]] = {
    "email": ("E-mail address", "name@example.com"),
    "sms": ("Telephone number", "+49 30 901820"),
    "webhook": ("Address of the endpoint", "https://"),
    "slack": ("Address of the hook", "https://hooks.slack.com/services/…"),
    "teams": ("Address of the flow", "https://"),
}
# Where the provider is told to call us, and what each call is for.
CALLS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "sendgrid": (("/hooks/sendgrid/events/", "Signed event webhook: delivered, bounced, called unwanted"),),
    "twilio": (("/hooks/twilio/inbound/", "A message comes in: STOP, START and HELP"),),
}
OUTCOMES: Final[dict[str, str]] = {
    "accepted": "Taken over by the provider",
    "transient": "Not taken for now",
    "bad_address": "There is no such address",
    "refused": "Refused",
    "throttled": "Too fast for the provider",
    "configuration": "Our settings are not accepted",
    "not_sent": "Not sent",
    "ambiguous": "Sent, and no answer came",
    "": "Begun, and nobody knows how it ended",
}

# What a provider tells of a test afterwards, and a badge's value for it.
LATER: Final[dict[str, tuple[str, str]]] = {
    "uncertain": ("Nobody knows whether it arrived", "uncertain"),
    "accepted": ("On its way", "accepted"),
    "delivered": ("Delivered", "delivered"),
    "undelivered": ("Did not arrive", "failed"),
    "bounced": ("Came back: the address does not work", "bounced"),
}


def provider_name(provider: str) -> str:
    """The provider's name; one without a name of its own is spelt out."""
    return PROVIDERS.get(provider, provider.replace("_", " ").capitalize())
