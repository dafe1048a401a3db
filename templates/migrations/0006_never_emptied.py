"""Triggers: template rules and holding statements are not emptied by one statement either."""

from django.db import migrations

TABLES = (
    "templates_holdingstatement",
    "templates_templaterule",
    "templates_templateruleset",
)

REFUSE = """
CREATE FUNCTION templates_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
"""


def guard(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION templates_refuse_emptying();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def release(table: str) -> str:
    return f"DROP TRIGGER {table}_no_truncate ON {table};\n"


class Migration(migrations.Migration):
    dependencies = [("templates", "0005_shipped_statements")]
    operations = [migrations.RunSQL(REFUSE + "".join(guard(table) for table in TABLES), "".join(release(table) for table in TABLES) + "DROP FUNCTION templates_refuse_emptying();")]
