"""The table of the database cache, in which sign-in counts failed attempts: throttling does not depend on Redis."""

from django.apps.registry import Apps
from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_idempotency_headers")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
