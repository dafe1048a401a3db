"""Triggers: what an update is for never changes, a correction is about something released, what was told stays; steps of running promises."""

from django.db import migrations

PROTECT = """
CREATE FUNCTION incidents_update_kind_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.kind, NEW.corrects_id) IS DISTINCT FROM (OLD.kind, OLD.corrects_id) THEN
        RAISE EXCEPTION 'update % stays what it was started as', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_update_kind_stays';
    END IF;
    IF NEW.corrects_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM incidents_update WHERE id = NEW.corrects_id AND incident_id = NEW.incident_id AND state = 'released'
    ) THEN
        RAISE EXCEPTION 'update % corrects something that this incident has not released', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_corrects_released';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incidents_update_kind_stays BEFORE INSERT OR UPDATE ON incidents_update
    FOR EACH ROW EXECUTE FUNCTION incidents_update_kind_stays();
CREATE TRIGGER incidents_milestone_no_change BEFORE UPDATE OR DELETE ON incidents_milestone
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse();
CREATE TRIGGER incidents_snooze_no_change BEFORE UPDATE OR DELETE ON incidents_snooze
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse();
CREATE TRIGGER incidents_etr_no_change BEFORE UPDATE OR DELETE ON incidents_etrassessment
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse();
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE incidents_update ENABLE ALWAYS TRIGGER incidents_update_kind_stays;
ALTER TABLE incidents_milestone ENABLE ALWAYS TRIGGER incidents_milestone_no_change;
ALTER TABLE incidents_snooze ENABLE ALWAYS TRIGGER incidents_snooze_no_change;
ALTER TABLE incidents_etrassessment ENABLE ALWAYS TRIGGER incidents_etr_no_change;
"""

RELEASE = """
DROP TRIGGER incidents_etr_no_change ON incidents_etrassessment;
DROP TRIGGER incidents_snooze_no_change ON incidents_snooze;
DROP TRIGGER incidents_milestone_no_change ON incidents_milestone;
DROP TRIGGER incidents_update_kind_stays ON incidents_update;
DROP FUNCTION incidents_update_kind_stays();
"""

# Promises that run already get their clock; one that was told keeps quiet about what was told.
STEPS = """
INSERT INTO incidents_promisestep (promise_id, step, due_at, fired_at, told_late, skipped)
SELECT p.id, s.step, p.due_at + s.after, CASE WHEN s.step = 'due' THEN p.overdue_told_at END, s.step = 'due' AND p.told_late, ''
  FROM incidents_updatepromise p
 CROSS JOIN (VALUES ('due', INTERVAL '0'), ('after', INTERVAL '5 minutes'),
                    ('deputy', INTERVAL '10 minutes'), ('manager', INTERVAL '20 minutes')) AS s (step, after)
 WHERE p.closed_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0004_policy_and_cadence")]
    operations = [migrations.RunSQL(STEPS, migrations.RunSQL.noop), migrations.RunSQL(PROTECT, RELEASE)]
