"""Triggers: what is on record about incidents, updates and promises is not emptied by one statement either."""

from django.db import migrations

TABLES = (
    "incidents_etrassessment",
    "incidents_incident",
    "incidents_milestone",
    "incidents_policydecision",
    "incidents_promisestep",
    "incidents_snooze",
    "incidents_timelineentry",
    "incidents_update",
    "incidents_updatepromise",
)

REFUSE = """
CREATE FUNCTION incidents_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
"""


def guard(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse_emptying();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def release(table: str) -> str:
    return f"DROP TRIGGER {table}_no_truncate ON {table};\n"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0006_late_without_an_update")]
    operations = [migrations.RunSQL(REFUSE + "".join(guard(table) for table in TABLES), "".join(release(table) for table in TABLES) + "DROP FUNCTION incidents_refuse_emptying();")]
