"""Triggers: a revision is never changed, a contributor never forgotten, and an update's current revision is its own."""

from django.db import migrations

PROTECT = """
CREATE FUNCTION incidents_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER incidents_revision_no_change BEFORE UPDATE OR DELETE ON incidents_updaterevision
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse();
CREATE TRIGGER incidents_revision_no_truncate BEFORE TRUNCATE ON incidents_updaterevision
    FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse();
CREATE TRIGGER incidents_contributor_no_change BEFORE UPDATE OR DELETE ON incidents_updatecontributor
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse();
CREATE TRIGGER incidents_contributor_no_truncate BEFORE TRUNCATE ON incidents_updatecontributor
    FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse();

CREATE FUNCTION incidents_current_is_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.current_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM incidents_updaterevision WHERE id = NEW.current_id AND update_of_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the current revision of update % belongs to another', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_current_is_own';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'released' AND (NEW.state, NEW.current_id) IS DISTINCT FROM (OLD.state, OLD.current_id) THEN
        RAISE EXCEPTION 'update % is released: it stays as it is', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_released_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incidents_update_current_is_own BEFORE INSERT OR UPDATE ON incidents_update
    FOR EACH ROW EXECUTE FUNCTION incidents_current_is_own();
ALTER TABLE incidents_updaterevision ENABLE ALWAYS TRIGGER incidents_revision_no_change;
ALTER TABLE incidents_updaterevision ENABLE ALWAYS TRIGGER incidents_revision_no_truncate;
ALTER TABLE incidents_updatecontributor ENABLE ALWAYS TRIGGER incidents_contributor_no_change;
ALTER TABLE incidents_updatecontributor ENABLE ALWAYS TRIGGER incidents_contributor_no_truncate;
ALTER TABLE incidents_update ENABLE ALWAYS TRIGGER incidents_update_current_is_own;
"""

RELEASE = """
DROP TRIGGER incidents_update_current_is_own ON incidents_update;
DROP FUNCTION incidents_current_is_own();
DROP TRIGGER incidents_contributor_no_truncate ON incidents_updatecontributor;
DROP TRIGGER incidents_contributor_no_change ON incidents_updatecontributor;
DROP TRIGGER incidents_revision_no_truncate ON incidents_updaterevision;
DROP TRIGGER incidents_revision_no_change ON incidents_updaterevision;
DROP FUNCTION incidents_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_incident_opener")]
    operations = [migrations.RunSQL(PROTECT, RELEASE)]
