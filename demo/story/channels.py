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
    """A customer with a telephone, an endpoint of their own, a Slack hook and a Teams flow; Twilio switched on."""
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
    register_stakeholder(
        actor=actor,
        now=now,
        kind="customer",
        name=ACME,
        email="status@acme.example.net",
        contact_points=[
            ("sms", "+4915112345678"),
            ("webhook", f"{base}/hook/acme"),
            ("slack", f"{base}/services/T0000/B0000/acme"),
            ("teams", f"{base}/workflows/acme/triggers/manual/paths/invoke?api-version=2016-06-01&sig=acme"),
        ],
        time_zone="Europe/Berlin",
        audiences=[Audience.objects.get(key="customers")],
    )
