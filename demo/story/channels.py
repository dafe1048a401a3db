"""Who is told by something other than mail, and the provider for it."""

from datetime import datetime

from django.conf import settings

from accounts.actors import Actor
from notifications.models import ChannelProvider
from notifications.services.channels import set_up_provider
from stakeholders.models import Audience
from stakeholders.services.register_stakeholder import register_stakeholder

ACME = "Acme Trading"


def tell_channels(*, actor: Actor, now: datetime) -> None:
    """A customer's telephone, endpoint, Slack hook and Teams flow, each an entry of its own; Twilio switched on."""
    base = getattr(settings, "DEMO_PROVIDERS_URL")  # noqa: B009 - the types are checked with the tests' settings, which lack it
    twilio = ChannelProvider.objects.get(channel="sms", provider="twilio")
    set_up_provider(
        actor=actor,
        now=now,
        channel="sms",
        provider="twilio",
        enabled=True,
        rate_per_second=10.0,
        burst=20,
        expected_version=twilio.version,
    )
    for name, kind, address in (
        (f"{ACME}, on call", "sms", "+4915112345678"),
        (f"{ACME}, monitoring", "webhook", f"{base}/hook/acme"),
        (f"{ACME}, operations in Slack", "slack", f"{base}/services/T0000/B0000/acme"),
        (f"{ACME}, operations in Teams", "teams", f"{base}/workflows/acme/triggers/manual/paths/invoke?api-version=2016-06-01&sig=acme"),
    ):
        register_stakeholder(
            actor=actor,
            now=now,
            kind="customer",
            name=name,
            contact_points=[(kind, address)],
            time_zone="Europe/Berlin",
            audiences=[Audience.objects.get(key="customers")],
        )
