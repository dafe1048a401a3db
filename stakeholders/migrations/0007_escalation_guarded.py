"""No tree leads back to itself, and what was told and answered stays on record: held by the database whatever the program does.

Each refusal names a stable constraint. ENABLE ALWAYS: replication settings do not switch the triggers off.
"""

from django.db import migrations

GUARD = r"""
-- One at a time, so that two changes which together make a circle see each other.
CREATE FUNCTION stakeholders_check_tree_circle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tree_id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('stakeholders_escalation_no_circle'));
    IF EXISTS (
        WITH RECURSIVE led(tree) AS (
            SELECT NEW.tree_id
            UNION
            SELECT t.tree_id FROM led
            JOIN stakeholders_escalationstep s ON s.tree_id = led.tree
            JOIN stakeholders_escalationtarget t ON t.step_id = s.id
            WHERE t.tree_id IS NOT NULL)
        SELECT 1 FROM led JOIN stakeholders_escalationstep mine ON mine.tree_id = led.tree WHERE mine.id = NEW.step_id)
    THEN
        RAISE EXCEPTION 'an escalation tree does not lead back to itself'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stakeholders_escalation_no_circle';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_escalation_no_circle AFTER INSERT OR UPDATE ON stakeholders_escalationtarget
    FOR EACH ROW EXECUTE FUNCTION stakeholders_check_tree_circle();

CREATE FUNCTION stakeholders_check_escalation_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'who was called and who answered stays on record: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER stakeholders_call_kept BEFORE UPDATE OR DELETE ON stakeholders_escalationcall
    FOR EACH ROW EXECUTE FUNCTION stakeholders_check_escalation_kept();
CREATE TRIGGER stakeholders_escalationcall_no_truncate BEFORE TRUNCATE ON stakeholders_escalationcall
    FOR EACH STATEMENT EXECUTE FUNCTION stakeholders_check_escalation_kept();
CREATE TRIGGER stakeholders_answer_kept BEFORE UPDATE OR DELETE ON stakeholders_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION stakeholders_check_escalation_kept();
CREATE TRIGGER stakeholders_acknowledgement_no_truncate BEFORE TRUNCATE ON stakeholders_acknowledgement
    FOR EACH STATEMENT EXECUTE FUNCTION stakeholders_check_escalation_kept();

-- A run keeps what it is about and ends once.
CREATE FUNCTION stakeholders_check_run_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL
        AND (NEW.id, NEW.public_id, NEW.tree_id, NEW.tree_edition, NEW.drill_id, NEW.subject, NEW.title, NEW.body, NEW.started_by_id,
             NEW.started_at)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.public_id, OLD.tree_id, OLD.tree_edition, OLD.drill_id, OLD.subject, OLD.title, OLD.body, OLD.started_by_id,
             OLD.started_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a run of an escalation tree stays as it was and ends once: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stakeholders_run_kept';
END $$;
CREATE TRIGGER stakeholders_run_kept BEFORE UPDATE OR DELETE ON stakeholders_escalationrun
    FOR EACH ROW EXECUTE FUNCTION stakeholders_check_run_kept();
CREATE TRIGGER stakeholders_escalationrun_no_truncate BEFORE TRUNCATE ON stakeholders_escalationrun
    FOR EACH STATEMENT EXECUTE FUNCTION stakeholders_check_escalation_kept();

-- A step is told or skipped once; until then only its time moves.
CREATE FUNCTION stakeholders_check_run_step_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.fired_at IS NULL AND NOT OLD.skipped
        AND (NEW.id, NEW.run_id, NEW.number, NEW.path, NEW.position, NEW.targets)
            IS NOT DISTINCT FROM (OLD.id, OLD.run_id, OLD.number, OLD.path, OLD.position, OLD.targets)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a step of a run is told or skipped once: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stakeholders_run_step_kept';
END $$;
CREATE TRIGGER stakeholders_run_step_kept BEFORE UPDATE OR DELETE ON stakeholders_escalationrunstep
    FOR EACH ROW EXECUTE FUNCTION stakeholders_check_run_step_kept();
CREATE TRIGGER stakeholders_escalationrunstep_no_truncate BEFORE TRUNCATE ON stakeholders_escalationrunstep
    FOR EACH STATEMENT EXECUTE FUNCTION stakeholders_check_escalation_kept();

-- A drill that has begun keeps whom it went to, its words and its beginning; closed or cancelled it stays so.
CREATE FUNCTION stakeholders_check_drill_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_at IS NULL AND OLD.cancelled_at IS NULL AND (OLD.started_at IS NULL
        OR (NEW.id, NEW.public_id, NEW.tree_id, NEW.audience_id, NEW.title, NEW.body, NEW.critical, NEW.planned_for, NEW.planned_by_id,
            NEW.started_at, NEW.told_late)
            IS NOT DISTINCT FROM
           (OLD.id, OLD.public_id, OLD.tree_id, OLD.audience_id, OLD.title, OLD.body, OLD.critical, OLD.planned_for, OLD.planned_by_id,
            OLD.started_at, OLD.told_late))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a drill that has begun stays as it was: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stakeholders_drill_kept';
END $$;
CREATE TRIGGER stakeholders_drill_kept BEFORE UPDATE OR DELETE ON stakeholders_drill
    FOR EACH ROW EXECUTE FUNCTION stakeholders_check_drill_kept();
CREATE TRIGGER stakeholders_drill_no_truncate BEFORE TRUNCATE ON stakeholders_drill
    FOR EACH STATEMENT EXECUTE FUNCTION stakeholders_check_escalation_kept();

ALTER TABLE stakeholders_escalationtarget ENABLE ALWAYS TRIGGER stakeholders_escalation_no_circle;
ALTER TABLE stakeholders_escalationcall ENABLE ALWAYS TRIGGER stakeholders_call_kept;
ALTER TABLE stakeholders_escalationcall ENABLE ALWAYS TRIGGER stakeholders_escalationcall_no_truncate;
ALTER TABLE stakeholders_acknowledgement ENABLE ALWAYS TRIGGER stakeholders_answer_kept;
ALTER TABLE stakeholders_acknowledgement ENABLE ALWAYS TRIGGER stakeholders_acknowledgement_no_truncate;
ALTER TABLE stakeholders_escalationrun ENABLE ALWAYS TRIGGER stakeholders_run_kept;
ALTER TABLE stakeholders_escalationrun ENABLE ALWAYS TRIGGER stakeholders_escalationrun_no_truncate;
ALTER TABLE stakeholders_escalationrunstep ENABLE ALWAYS TRIGGER stakeholders_run_step_kept;
ALTER TABLE stakeholders_escalationrunstep ENABLE ALWAYS TRIGGER stakeholders_escalationrunstep_no_truncate;
ALTER TABLE stakeholders_drill ENABLE ALWAYS TRIGGER stakeholders_drill_kept;
ALTER TABLE stakeholders_drill ENABLE ALWAYS TRIGGER stakeholders_drill_no_truncate;
"""

RELEASE = """
DROP TRIGGER stakeholders_drill_no_truncate ON stakeholders_drill;
DROP TRIGGER stakeholders_drill_kept ON stakeholders_drill;
DROP TRIGGER stakeholders_escalationrunstep_no_truncate ON stakeholders_escalationrunstep;
DROP TRIGGER stakeholders_run_step_kept ON stakeholders_escalationrunstep;
DROP TRIGGER stakeholders_escalationrun_no_truncate ON stakeholders_escalationrun;
DROP TRIGGER stakeholders_run_kept ON stakeholders_escalationrun;
DROP TRIGGER stakeholders_acknowledgement_no_truncate ON stakeholders_acknowledgement;
DROP TRIGGER stakeholders_answer_kept ON stakeholders_acknowledgement;
DROP TRIGGER stakeholders_escalationcall_no_truncate ON stakeholders_escalationcall;
DROP TRIGGER stakeholders_call_kept ON stakeholders_escalationcall;
DROP TRIGGER stakeholders_escalation_no_circle ON stakeholders_escalationtarget;
DROP FUNCTION stakeholders_check_drill_kept();
DROP FUNCTION stakeholders_check_run_step_kept();
DROP FUNCTION stakeholders_check_run_kept();
DROP FUNCTION stakeholders_check_escalation_kept();
DROP FUNCTION stakeholders_check_tree_circle();
"""


class Migration(migrations.Migration):
    dependencies = [("stakeholders", "0006_escalation_trees_and_drills")]
    operations = [migrations.RunSQL(GUARD, RELEASE)]
