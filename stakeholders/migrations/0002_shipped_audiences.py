"""The two audiences the shipped policy and templates name, and a check that addresses are stored in their normal form."""

from django.db import migrations, models
from django.utils import timezone

from core.identifiers import public_id

SHIPPED = [
    ("customers", "Customers", "Everyone who uses the service. Their wording is also shown on the public page.", True, False),
    ("internal", "Colleagues", "Everyone in the company who needs to know.", False, True),
]


def ship(apps, schema_editor):
    now = timezone.now()
    for position, (key, name, description, is_public, is_internal) in enumerate(SHIPPED):
        apps.get_model("stakeholders", "Audience").objects.create(
            public_id=public_id(),
            key=key,
            name=name,
            description=description,
            is_public=is_public,
            is_internal=is_internal,
            position=position,
            created_at=now,
        )


def take_back(apps, schema_editor):
    keys = [row[0] for row in SHIPPED]
    apps.get_model("stakeholders", "Audience").objects.filter(key__in=keys, members__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("stakeholders", "0001_initial")]
    operations = [
        migrations.RunPython(ship, take_back),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "email"), _negated=True) | models.Q(("address__regex", "^[^@[:space:][:cntrl:]]+@[^@A-Z[:space:][:cntrl:]]+$")),
                name="stakeholders_email_normal",
            ),
        ),
    ]
