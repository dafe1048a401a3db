"""Triggers: absences and the subjects of identity providers are not emptied by one statement either."""

from django.db import migrations

TABLES = (
    "accounts_absence",
    "accounts_ssosubject",
)

REFUSE = """
CREATE FUNCTION accounts_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
"""


def guard(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION accounts_refuse_emptying();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def release(table: str) -> str:
    return f"DROP TRIGGER {table}_no_truncate ON {table};\n"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_who_entered_it")]
    operations = [migrations.RunSQL(REFUSE + "".join(guard(table) for table in TABLES), "".join(release(table) for table in TABLES) + "DROP FUNCTION accounts_refuse_emptying();")]
