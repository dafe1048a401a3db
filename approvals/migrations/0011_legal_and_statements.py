"""What touches a data breach or a regulated system goes outside by holding statement only where legal approved each that does."""

from django.db import migrations

GUARD = """
CREATE FUNCTION approvals_check_statement_legal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that nobody flags the incident between this look and the commit.
    PERFORM 1 FROM incidents_update u JOIN incidents_incident i ON i.id = u.incident_id WHERE u.id = NEW.update_of_id FOR SHARE OF i;
    IF EXISTS (
            SELECT 1 FROM incidents_update u JOIN incidents_incident i ON i.id = u.incident_id
            WHERE u.id = NEW.update_of_id AND (i.data_breach OR i.regulated_system))
        AND EXISTS (
            SELECT 1 FROM approvals_holdinguse h JOIN templates_holdingstatementversion v ON v.id = h.version_id
                JOIN templates_holdingstatement s ON s.id = v.statement_id
            WHERE h.revision_id = NEW.revision_id
                AND NOT EXISTS (SELECT 1 FROM stakeholders_audience a WHERE a.key = s.audience_key AND a.is_internal)
                AND NOT EXISTS (
                    SELECT 1 FROM approvals_reviewround r JOIN approvals_reviewslot t ON t.round_id = r.id AND t.kind = 'legal'
                        JOIN approvals_review w ON w.slot_id = t.id AND w.round_id = r.id
                    WHERE r.holding_version_id = v.id AND r.state = 'approved' AND w.verdict = 'approve'
                        AND w.content_hash = v.content_hash))
    THEN
        RAISE EXCEPTION 'an incident flagged as data breach or regulated system goes outside only by statements that legal approved'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_statement_needs_legal';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_statement_needs_legal BEFORE INSERT ON approvals_release
    FOR EACH ROW WHEN (NEW.round_id IS NULL) EXECUTE FUNCTION approvals_check_statement_legal();
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_statement_needs_legal;
"""
BACK = """
DROP TRIGGER approvals_statement_needs_legal ON approvals_release;
DROP FUNCTION approvals_check_statement_legal();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0010_drills_and_the_legal_gate")]
    operations = [migrations.RunSQL(GUARD, BACK)]
