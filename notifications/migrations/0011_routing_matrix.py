"""The routing matrix, with the one that is shipped.

Mail comes first for everybody, since most can be reached by it. What is critical or high falls back to text messages; colleagues are
called out by text message first when it is critical. Who has only a webhook or a chat channel is told there.
"""

import django.db.models.deletion
from django.db import migrations, models

SURFACES = [("page:public", None), ("dashboard", None)]
CHATS = [("webhook", None), ("slack", None), ("teams", None)]
EVERYBODY = {
    "critical": [("email", 10), ("sms", None), *CHATS, *SURFACES],
    "high": [("email", 30), ("sms", None), *CHATS, *SURFACES],
    "normal": [("email", None), *CHATS, *SURFACES],
    "low": [("email", None), *CHATS, *SURFACES],
}
COLLEAGUES = {
    "critical": [("sms", 5), ("email", None), ("slack", None), ("teams", None), ("dashboard", None)],
    "high": [("email", 15), ("sms", None), ("slack", None), ("teams", None), ("dashboard", None)],
}


def ship(apps, schema_editor):
    rule = apps.get_model("notifications", "RoutingRule")
    internal = apps.get_model("stakeholders", "Audience").objects.filter(key="internal").first()
    cells = [(urgency, None, steps) for urgency, steps in EVERYBODY.items()]
    if internal is not None:
        cells += [(urgency, internal, steps) for urgency, steps in COLLEAGUES.items()]
    for urgency, audience, steps in cells:
        channels = [{"channel": channel, "fallback_after_minutes": minutes} for channel, minutes in steps]
        rule.objects.create(urgency=urgency, audience=audience, channels=channels)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0010_provider_state"), ("stakeholders", "0008_audience_filters")]
    operations = [
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "urgency",
                    models.CharField(
                        choices=[("critical", "critical"), ("high", "high"), ("normal", "normal"), ("low", "low")], max_length=8
                    ),
                ),
                ("channels", models.JSONField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField(null=True)),
                (
                    "audience",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stakeholders.audience"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("urgency", "audience"), name="notifications_route_once", nulls_distinct=False),
                    models.CheckConstraint(
                        condition=models.Q(("urgency__in", ["critical", "high", "normal", "low"])),
                        name="notifications_route_urgency_known",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="plan",
            field=models.JSONField(default=dict, help_text="The routes and filters as they were at the release, by audience."),
        ),
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
