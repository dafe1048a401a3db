"""The mapping that ships: by the label *severity*, into category application; the label *service* names the component."""

from datetime import UTC, datetime

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _then(severity: str, stage: str, impact: str) -> dict[str, object]:
    return {"severity": severity, "stage": stage, "impact": impact, "category": "application", "customer_facing": True}


DOCUMENT = {
    "component_label": "service",
    "rules": [
        {"key": "critical", "when": {"severity": ["critical"]}, "then": _then("SEV1", "confirmed", "major")},
        {"key": "warning", "when": {"severity": ["warning"]}, "then": _then("SEV3", "watching", "minor")},
        {"key": "everything else", "when": {}, "then": _then("SEV4", "watching", "none")},
    ],
}


def ship(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    EventMapping = apps.get_model("integrations", "EventMapping")
    EventMapping.objects.create(
        source="alertmanager", document=DOCUMENT, version=1, updated_by="system:migration", updated_at=datetime.now(UTC)
    )


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]
    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
