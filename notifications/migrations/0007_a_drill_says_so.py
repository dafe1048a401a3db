"""A message of a drill is marked in its title and at the beginning of its text: held by the database whatever the program does."""

from django.db import migrations

MARK = """
ALTER TABLE notifications_message ADD CONSTRAINT notifications_drill_says_so CHECK (
    kind <> 'drill' OR NOT jsonb_path_exists(wording,
        '$.* ? (!exists(@.title) || !exists(@.body)
            || !(@.title starts with "DRILL: ") || !(@.body starts with "**This is a drill.**"))'));
"""

UNMARK = "ALTER TABLE notifications_message DROP CONSTRAINT notifications_drill_says_so;"


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_provider_and_callbacks")]
    operations = [migrations.RunSQL(MARK, UNMARK)]
