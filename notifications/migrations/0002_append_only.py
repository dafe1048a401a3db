"""Attempts and their outcomes are never changed or taken away, by anyone. ENABLE ALWAYS: replication settings do not switch it off."""

from django.db import migrations

TABLES = ("notifications_deliveryattempt", "notifications_attemptoutcome")

FUNCTION = """
CREATE FUNCTION notifications_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'delivery attempts are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def protect(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION notifications_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION notifications_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def release(table: str) -> str:
    return f"DROP TRIGGER {table}_no_change ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]
    operations = [
        migrations.RunSQL(
            FUNCTION + "".join(map(protect, TABLES)),
            "".join(map(release, TABLES)) + "DROP FUNCTION notifications_refuse_change();",
        )
    ]
