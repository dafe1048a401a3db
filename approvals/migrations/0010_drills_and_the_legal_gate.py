"""A drill is never released; what touches a data breach or a regulated system goes outside only with legal's approval.

Holding statements (a release without a round) are decided by their own checks.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION approvals_goes_outside(words jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(words #> '{reach,audiences}') AS reached
        WHERE NOT EXISTS (SELECT 1 FROM stakeholders_audience a WHERE a.key = reached AND a.is_internal))
$$;

CREATE FUNCTION approvals_check_release_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM incidents_update u WHERE u.id = NEW.update_of_id AND u.kind = 'drill') THEN
        RAISE EXCEPTION 'a drill is never released'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_no_release_of_a_drill';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_no_release_of_a_drill BEFORE INSERT ON approvals_release
    FOR EACH ROW EXECUTE FUNCTION approvals_check_release_subject();

CREATE FUNCTION approvals_check_legal_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that nobody flags the incident between this look and the commit.
    PERFORM 1 FROM incidents_update u JOIN incidents_incident i ON i.id = u.incident_id WHERE u.id = NEW.update_of_id FOR SHARE OF i;
    IF EXISTS (
            SELECT 1 FROM incidents_update u JOIN incidents_incident i ON i.id = u.incident_id
            JOIN incidents_updaterevision r ON r.id = NEW.revision_id
            WHERE u.id = NEW.update_of_id AND (i.data_breach OR i.regulated_system) AND approvals_goes_outside(r.content))
        AND NOT EXISTS (
            SELECT 1 FROM approvals_standing(NEW.round_id) a
            WHERE a.kind = 'legal' AND a.revision_id = NEW.revision_id AND a.content_hash = NEW.content_hash)
        AND NOT (NEW.overridden AND EXISTS (
            SELECT 1 FROM approvals_override o
            WHERE o.round_id = NEW.round_id AND o.fills_legal AND o.fills @> '[{"kind": "legal"}]'::jsonb))
    THEN
        RAISE EXCEPTION 'an incident flagged as data breach or regulated system goes outside only with legal''s approval'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_release_needs_legal';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_release_needs_legal BEFORE INSERT ON approvals_release
    FOR EACH ROW WHEN (NEW.round_id IS NOT NULL) EXECUTE FUNCTION approvals_check_legal_gate();

ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_no_release_of_a_drill;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_needs_legal;
"""
BACK = """
DROP TRIGGER approvals_release_needs_legal ON approvals_release;
DROP TRIGGER approvals_no_release_of_a_drill ON approvals_release;
DROP FUNCTION approvals_check_legal_gate();
DROP FUNCTION approvals_check_release_subject();
DROP FUNCTION approvals_goes_outside(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0009_one_person_many_accounts"),
        ("incidents", "0005_guarded_kinds"),
        ("stakeholders", "0003_audience_scope"),
    ]
    operations = [migrations.RunSQL(GUARD, BACK)]
