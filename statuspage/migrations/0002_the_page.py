from django.db import migrations

from core.identifiers import public_id


def make_page(apps, schema_editor):
    apps.get_model("statuspage", "PageState").objects.create(pk=1, code=public_id())


class Migration(migrations.Migration):
    dependencies = [("statuspage", "0001_initial")]

    operations = [migrations.RunPython(make_page, migrations.RunPython.noop)]
