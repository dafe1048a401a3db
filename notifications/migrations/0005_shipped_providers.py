"""The providers the product knows. What needs an account with somebody is off until a person enables it."""

from django.db import migrations

# Channel, provider, position, enabled.
SHIPPED = [
    ("email", "smtp", 1, True),
    ("email", "sendgrid", 2, False),
    ("sms", "twilio", 1, False),
    ("webhook", "standard", 1, True),
    ("slack", "incoming", 1, True),
    ("teams", "workflows", 1, True),
]


def ship(apps, schema_editor):
    provider = apps.get_model("notifications", "ChannelProvider")
    for channel, name, position, enabled in SHIPPED:
        provider.objects.get_or_create(channel=channel, provider=name, defaults={"position": position, "enabled": enabled})


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_channel_providers")]
    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
