"""What is kept off the page is looked at when it is due. What waits already is due at once."""

from datetime import UTC, datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statuspage", "0006_put_right_inside")]
    operations = [
        migrations.AddField(
            model_name="keptback",
            name="look_at",
            field=models.DateTimeField(db_index=True, default=datetime(2026, 1, 1, tzinfo=UTC)),
            preserve_default=False,
        ),
        migrations.AddField(model_name="keptback", name="looks", field=models.PositiveIntegerField(default=0)),
    ]
