"""Triggers: what is on record about reviews, disputes, holds and plans is not emptied by one statement either."""

from django.db import migrations

TABLES = (
    "approvals_dispute",
    "approvals_passagecomment",
    "approvals_ratificationstep",
    "approvals_releasehold",
    "approvals_releaseschedule",
    "approvals_reviewlink",
    "approvals_reviewround",
    "approvals_reviewslot",
    "approvals_ruling",
    "approvals_slotcall",
    "approvals_slotstep",
)


def guard(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION approvals_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def release(table: str) -> str:
    return f"DROP TRIGGER {table}_no_truncate ON {table};\n"


class Migration(migrations.Migration):
    dependencies = [("approvals", "0013_training_is_asked_for")]
    operations = [migrations.RunSQL("".join(guard(table) for table in TABLES), "".join(release(table) for table in TABLES))]
