"""Trigger: one question is open at an address, whichever entries have it.

Whoever asks locks the address, so that two entries that ask at once do not pass each other by.
"""

from django.db import migrations

# Of several that are open the latest is the one that its reader was sent last.
SETTLE = """
UPDATE stakeholders_verification v SET ended_at = clock_timestamp(), ended_as = 'replaced'
FROM stakeholders_contactpoint me
WHERE me.id = v.contact_point_id AND v.ended_at IS NULL AND EXISTS (
    SELECT 1 FROM stakeholders_contactpoint p JOIN stakeholders_verification later ON later.contact_point_id = p.id
    WHERE p.kind = me.kind AND lower(p.address) = lower(me.address) AND later.ended_at IS NULL AND later.id > v.id
);
SET CONSTRAINTS ALL IMMEDIATE;
"""

PROTECT = """
CREATE FUNCTION stakeholders_one_question_at_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('stakeholders_one_question_at_address'), hashtext(p.kind || ':' || lower(p.address)))
    FROM stakeholders_contactpoint p WHERE p.id = NEW.contact_point_id;
    IF EXISTS (
        SELECT 1 FROM stakeholders_contactpoint me
        JOIN stakeholders_contactpoint p ON p.kind = me.kind AND lower(p.address) = lower(me.address)
        JOIN stakeholders_verification v ON v.contact_point_id = p.id
        WHERE me.id = NEW.contact_point_id AND v.ended_at IS NULL AND v.id <> NEW.id
    ) THEN
        RAISE EXCEPTION 'a question is open at the address of contact point % already', NEW.contact_point_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stakeholders_one_question_at_address';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_one_question_at_address
    AFTER INSERT OR UPDATE OF contact_point_id, ended_at ON stakeholders_verification
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION stakeholders_one_question_at_address();
ALTER TABLE stakeholders_verification ENABLE ALWAYS TRIGGER stakeholders_one_question_at_address;
"""

RELEASE = """
DROP TRIGGER stakeholders_one_question_at_address ON stakeholders_verification;
DROP FUNCTION stakeholders_one_question_at_address();
"""


class Migration(migrations.Migration):
    dependencies = [("stakeholders", "0013_stops_hold_for_addresses")]
    operations = [
        # Rows changed and the trigger made in one transaction: the foreign keys' pending checks come first.
        migrations.RunSQL(SETTLE, migrations.RunSQL.noop),
        migrations.RunSQL(PROTECT, RELEASE),
    ]
