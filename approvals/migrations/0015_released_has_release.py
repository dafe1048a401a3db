"""Trigger: an update is released exactly when there is a release of its current words. Looked at when the transaction ends.

Both rows are written in one transaction, the release first; whichever of them is written is held against the other.
"""

from django.db import migrations

PROTECT = """
CREATE FUNCTION approvals_check_released() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    IF TG_TABLE_NAME = 'approvals_release' THEN
        written := NEW.update_of_id;
    ELSE
        written := NEW.id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM incidents_update u LEFT JOIN approvals_release r ON r.update_of_id = u.id
         WHERE u.id = written AND (
            (u.state = 'released') <> (r.id IS NOT NULL) OR (r.id IS NOT NULL AND r.revision_id IS DISTINCT FROM u.current_id))
    ) THEN
        RAISE EXCEPTION 'update % is released exactly when there is a release of its current words', written
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_released_has_release';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_released_has_release AFTER INSERT OR UPDATE OF state, current_id ON incidents_update
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approvals_check_released();
CREATE CONSTRAINT TRIGGER approvals_release_moves_update AFTER INSERT ON approvals_release
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approvals_check_released();
ALTER TABLE incidents_update ENABLE ALWAYS TRIGGER approvals_released_has_release;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_moves_update;
"""

RELEASE = """
DROP TRIGGER approvals_release_moves_update ON approvals_release;
DROP TRIGGER approvals_released_has_release ON incidents_update;
DROP FUNCTION approvals_check_released();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0014_never_emptied"), ("incidents", "0008_decisions_and_promises_kept")]
    operations = [migrations.RunSQL(PROTECT, RELEASE)]
