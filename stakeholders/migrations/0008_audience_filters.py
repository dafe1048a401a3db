"""Audiences by filter. That of an internal one begins with *persons and teams alone*, whatever it goes on to say: held by the database.

Members of the list are held to it by triggers (0004); whom a filter finds is nowhere a row, so the filter itself is.
"""

from django.db import migrations, models

GUARD = """
ALTER TABLE stakeholders_audience
 ADD CONSTRAINT stakeholders_filter_is_condition CHECK (filter IS NULL OR jsonb_typeof(filter) = 'object' AND filter <> '{}'),
 ADD CONSTRAINT stakeholders_filter_for_colleagues CHECK (
    NOT is_internal OR filter IS NULL
    OR coalesce(filter - 'all' = '{}' AND filter #> '{all,0}' = '{"fact": "kind", "op": "in", "value": ["person", "team"]}', false));
"""
RELEASE = """
ALTER TABLE stakeholders_audience
 DROP CONSTRAINT stakeholders_filter_is_condition, DROP CONSTRAINT stakeholders_filter_for_colleagues;
"""


class Migration(migrations.Migration):
    dependencies = [("stakeholders", "0007_escalation_guarded")]
    operations = [
        migrations.AddField(
            model_name="audience",
            name="filter",
            field=models.JSONField(blank=True, help_text="Who belongs to it by what the register says; empty: only the list.", null=True),
        ),
        migrations.AddField(model_name="audience", name="version", field=models.PositiveIntegerField(default=1)),
        migrations.RunSQL(GUARD, RELEASE),
    ]
