"""Holding statements the product ships with: drafts. Nothing is approved by shipping; people review them like any other."""

from django.db import migrations
from django.utils import timezone

from core.identifiers import public_id
from templates.rules.holding import holding_hash

CUSTOMERS = "customers"

# Key, name, scenario, title, body; all for customers in English.
SHIPPED = [
    (
        "service-disrupted-customers",
        "Service disrupted, first word to customers",
        "disruption",
        "We are looking into a problem with {{ component_names }}",
        """We have noticed a problem that affects {{ component_names }}, first seen on {{ started_at_utc }}. \
We are working to find out what is wrong.

We will say what we know within {{ next_update_in }}, even if that is little.""",
    ),
    (
        "nothing-new-customers",
        "Nothing new, to customers",
        "nothing_new",
        "Still working on {{ component_names }}",
        """We are still working on the problem that affects {{ component_names }}. As of {{ now_utc }} we have nothing new to report, \
and we have not stopped working on it.

We will post again within {{ next_update_in }}.""",
    ),
    (
        "security-matter-customers",
        "Security matter, first word to customers",
        "security",
        "We are looking into a security matter",
        """We are looking into a matter that concerns the security of our service. We became aware of it on {{ started_at_utc }}.

We share only what is confirmed. If you need to do anything, we will tell you directly and here. \
We will say more within {{ next_update_in }}.""",
    ),
]


def ship(apps, schema_editor):
    now = timezone.now()
    statements = apps.get_model("templates", "HoldingStatement").objects
    for key, name, scenario, title, body in SHIPPED:
        if statements.filter(key=key).exists():
            continue
        place = {"key": key, "scenario": scenario, "language": "en"}
        statement = statements.create(public_id=public_id(), name=name, audience_key=CUSTOMERS, created_at=now, **place)
        digest = holding_hash(audience=CUSTOMERS, title=title, body=body, **place)
        statement.versions.create(number=1, title=title, body=body, content_hash=digest, state="draft", created_at=now)


class Migration(migrations.Migration):
    dependencies = [("templates", "0004_guarded_in_the_database")]
    # Taking them back is not needed: what nobody approved does nothing, and what somebody did stays.
    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
