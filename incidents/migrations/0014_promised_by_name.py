"""The policy's promise names those who are to hear, and they may change; what runs on for a resolved incident is closed."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("incidents.migrations.0010_promises_by_readers").GUARD

# A correction once resolved an incident without ending its promises. Nobody waited from then on: they are closed as of that time.
CLOSE = """
WITH over AS (
    SELECT p.id, GREATEST(COALESCE(i.resolved_at, now()), p.made_at) AS at
    FROM incidents_updatepromise p
    JOIN incidents_incident i ON i.id = p.incident_id
    WHERE p.closed_at IS NULL AND i.status = 'resolved'
)
UPDATE incidents_updatepromise p
SET closed_at = over.at,
    outcome = CASE WHEN over.at > p.due_at THEN 'late' ELSE 'withdrawn' END,
    late_by_seconds = GREATEST(0, ceil(extract(epoch FROM over.at - p.due_at)))
FROM over WHERE over.id = p.id;

UPDATE incidents_promisestep s SET skipped = 'the promise was closed'
FROM incidents_updatepromise p JOIN incidents_incident i ON i.id = p.incident_id
WHERE p.id = s.promise_id AND p.closed_at IS NOT NULL AND i.status = 'resolved' AND s.fired_at IS NULL AND s.skipped = '';
"""

GUARD = """
CREATE OR REPLACE FUNCTION incidents_promise_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What may change while it runs. Of one that an update made, what readers were promised stays.
    moving text[] := ARRAY['closed_at', 'kept_by_id', 'outcome', 'late_by_seconds', 'overdue_told_at', 'told_late', 'untold'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'promise % is closed, or part of the record: it stays as it is', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_promise_closed_once';
    END IF;
    IF OLD.made_by_id IS NULL THEN
        -- The policy makes it to those whom it names, and these may change.
        moving := moving || ARRAY['policy_version', 'policy_minutes', 'audiences'];
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
    IF OLD.made_by_id IS NOT NULL AND NOT NEW.untold <@ OLD.untold THEN
        RAISE EXCEPTION 'who has read something since promise % waits for it no more', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_promise_not_moved';
    END IF;
    IF NEW.closed_at IS NOT NULL AND NEW.audiences IS DISTINCT FROM OLD.audiences THEN
        RAISE EXCEPTION 'whom promise % was made to stays as it is closed', OLD.id
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

CREATE TRIGGER incidents_one_promise_at_once_still BEFORE UPDATE ON incidents_updatepromise
    FOR EACH ROW WHEN (NEW.closed_at IS NULL AND NOT NEW.untold <@ OLD.untold) EXECUTE FUNCTION incidents_one_promise_at_once();
ALTER TABLE incidents_updatepromise ENABLE ALWAYS TRIGGER incidents_one_promise_at_once_still;
"""
UNGUARD = "DROP TRIGGER incidents_one_promise_at_once_still ON incidents_updatepromise;\n" + BEFORE.split("CREATE FUNCTION")[0]


class Migration(migrations.Migration):

    dependencies = [("incidents", "0013_title_by_filled_in")]

    operations = [
        migrations.RunSQL(CLOSE, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
