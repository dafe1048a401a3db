"""Triggers: a decision stays as it was made; a promise keeps what was promised, and what became of it is said once and truly."""

from django.db import migrations

PROTECT = """
CREATE TRIGGER incidents_decision_no_change BEFORE UPDATE OR DELETE ON incidents_policydecision
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse();
CREATE TRIGGER incidents_timeline_no_change BEFORE UPDATE OR DELETE ON incidents_timelineentry
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse();

CREATE FUNCTION incidents_promise_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What may change while it runs. Of one that an update made, what readers were promised stays.
    moving text[] := ARRAY['closed_at', 'kept_by_id', 'outcome', 'late_by_seconds', 'overdue_told_at', 'told_late'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'promise % is closed, or part of the record: it stays as it is', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_promise_closed_once';
    END IF;
    IF OLD.made_by_id IS NULL THEN
        moving := moving || ARRAY['policy_version', 'policy_minutes'];
        IF OLD.overdue_told_at IS NULL THEN
            moving := moving || ARRAY['due_at'];
        END IF;
    END IF;
    IF to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving
        OR (OLD.overdue_told_at IS NOT NULL AND NEW.overdue_told_at IS DISTINCT FROM OLD.overdue_told_at)
    THEN
        RAISE EXCEPTION 'what promise % promised stays: it is not moved', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_promise_not_moved';
    END IF;
    IF NEW.closed_at IS NOT NULL AND (
        (NEW.outcome = 'late') <> (NEW.closed_at > NEW.due_at)
        OR (NEW.outcome = 'late' AND NEW.late_by_seconds <> ceil(extract(epoch FROM NEW.closed_at - NEW.due_at)))
    ) THEN
        RAISE EXCEPTION 'promise % is late exactly when it is closed after its time', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_promise_late_when_late';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incidents_promise_kept BEFORE UPDATE OR DELETE ON incidents_updatepromise
    FOR EACH ROW EXECUTE FUNCTION incidents_promise_kept();
ALTER TABLE incidents_policydecision ENABLE ALWAYS TRIGGER incidents_decision_no_change;
ALTER TABLE incidents_timelineentry ENABLE ALWAYS TRIGGER incidents_timeline_no_change;
ALTER TABLE incidents_updatepromise ENABLE ALWAYS TRIGGER incidents_promise_kept;
"""

RELEASE = """
DROP TRIGGER incidents_promise_kept ON incidents_updatepromise;
DROP FUNCTION incidents_promise_kept();
DROP TRIGGER incidents_timeline_no_change ON incidents_timelineentry;
DROP TRIGGER incidents_decision_no_change ON incidents_policydecision;
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0007_never_emptied")]
    operations = [migrations.RunSQL(PROTECT, RELEASE)]
