"""A promise is made to readers: those of open promises are filled in, and none of them waits for two at once (trigger)."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Before the trigger that holds a promise still knows the new columns.
FILL = """
ALTER TABLE incidents_updatepromise DISABLE TRIGGER incidents_promise_kept;
WITH readers AS (
    SELECT p.id, ARRAY(SELECT jsonb_array_elements_text(r.content -> 'reach' -> 'audiences') ORDER BY 1) AS keys
    FROM incidents_updatepromise p
    JOIN incidents_update u ON u.id = p.made_by_id
    JOIN incidents_updaterevision r ON r.id = u.current_id
    WHERE p.closed_at IS NULL
)
UPDATE incidents_updatepromise p SET audiences = readers.keys, untold = readers.keys FROM readers WHERE readers.id = p.id;
ALTER TABLE incidents_updatepromise ENABLE ALWAYS TRIGGER incidents_promise_kept;
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
    IF NOT NEW.untold <@ OLD.untold THEN
        RAISE EXCEPTION 'who has read something since promise % waits for it no more', OLD.id
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

CREATE FUNCTION incidents_one_promise_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two at once wait for each other here, as they do in the services.
    PERFORM 1 FROM incidents_incident WHERE id = NEW.incident_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM incidents_updatepromise p
        WHERE p.incident_id = NEW.incident_id AND p.id <> NEW.id AND p.closed_at IS NULL
          AND (p.untold && NEW.untold OR (p.made_by_id IS NULL AND NEW.made_by_id IS NULL))
    ) THEN
        RAISE EXCEPTION 'somebody would wait for two promises of incident % at once', NEW.incident_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_one_open_promise';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incidents_one_promise_at_once BEFORE INSERT ON incidents_updatepromise
    FOR EACH ROW EXECUTE FUNCTION incidents_one_promise_at_once();
ALTER TABLE incidents_updatepromise ENABLE ALWAYS TRIGGER incidents_one_promise_at_once;
"""
UNGUARD = """
DROP TRIGGER incidents_one_promise_at_once ON incidents_updatepromise;
DROP FUNCTION incidents_one_promise_at_once();
CREATE OR REPLACE FUNCTION incidents_promise_kept() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0009_kept_rows_protect'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='updatepromise',
            name='incidents_one_open_promise',
        ),
        migrations.AddField(
            model_name='updatepromise',
            name='audiences',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, size=None),
        ),
        migrations.AddField(
            model_name='updatepromise',
            name='untold',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, size=None),
        ),
        migrations.AddConstraint(
            model_name='updatepromise',
            constraint=models.CheckConstraint(condition=models.Q(('untold__contained_by', models.F('audiences'))), name='incidents_promise_untold_are_its_own'),
        ),
        migrations.AddConstraint(
            model_name='updatepromise',
            constraint=models.CheckConstraint(condition=models.Q(('kept_by__isnull', True), ('untold', []), _connector='OR'), name='incidents_promise_answered_was_read_by_all'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
