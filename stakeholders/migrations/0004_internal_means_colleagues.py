"""Triggers: in an internal audience are persons and teams alone, whichever of the three rows is written.

Each reads the others' rows under a lock, so that two who write at once do not pass each other by.
"""

from django.db import migrations

# Whoever reaches people outside counts as outside. Nobody is taken out of it: what goes there passes the outside's gates from now on.
SETTLE = """
UPDATE stakeholders_audience a SET is_internal = false
 WHERE a.is_internal AND EXISTS (
    SELECT 1 FROM stakeholders_audiencemember m JOIN stakeholders_stakeholder s ON s.id = m.stakeholder_id
     WHERE m.audience_id = a.id AND s.kind NOT IN ('person', 'team'));
"""

PROTECT = """
CREATE FUNCTION stakeholders_refuse_outside(audience bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audience % is internal: only persons and teams are in it', audience
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stakeholders_internal_means_colleagues';
END $$;

CREATE FUNCTION stakeholders_member_is_colleague() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    internal boolean;
    kind text;
BEGIN
    SELECT a.is_internal INTO internal FROM stakeholders_audience a WHERE a.id = NEW.audience_id FOR SHARE;
    IF internal THEN
        SELECT s.kind INTO kind FROM stakeholders_stakeholder s WHERE s.id = NEW.stakeholder_id FOR SHARE;
        IF kind NOT IN ('person', 'team') THEN
            PERFORM stakeholders_refuse_outside(NEW.audience_id);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_member_is_colleague AFTER INSERT OR UPDATE ON stakeholders_audiencemember
    FOR EACH ROW EXECUTE FUNCTION stakeholders_member_is_colleague();

CREATE FUNCTION stakeholders_internal_holds_colleagues() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_internal THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM stakeholders_audiencemember m JOIN stakeholders_stakeholder s ON s.id = m.stakeholder_id
     WHERE m.audience_id = NEW.id ORDER BY s.id FOR SHARE OF s;
    IF EXISTS (
        SELECT 1 FROM stakeholders_audiencemember m JOIN stakeholders_stakeholder s ON s.id = m.stakeholder_id
         WHERE m.audience_id = NEW.id AND s.kind NOT IN ('person', 'team')
    ) THEN
        PERFORM stakeholders_refuse_outside(NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_internal_holds_colleagues AFTER UPDATE OF is_internal ON stakeholders_audience
    FOR EACH ROW EXECUTE FUNCTION stakeholders_internal_holds_colleagues();

CREATE FUNCTION stakeholders_colleague_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    internal bigint;
BEGIN
    IF NEW.kind NOT IN ('person', 'team') THEN
        PERFORM 1 FROM stakeholders_audiencemember m JOIN stakeholders_audience a ON a.id = m.audience_id
         WHERE m.stakeholder_id = NEW.id ORDER BY a.id FOR SHARE OF a;
        SELECT a.id INTO internal FROM stakeholders_audiencemember m JOIN stakeholders_audience a ON a.id = m.audience_id
         WHERE m.stakeholder_id = NEW.id AND a.is_internal LIMIT 1;
        IF internal IS NOT NULL THEN
            PERFORM stakeholders_refuse_outside(internal);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_colleague_stays AFTER UPDATE OF kind ON stakeholders_stakeholder
    FOR EACH ROW EXECUTE FUNCTION stakeholders_colleague_stays();
ALTER TABLE stakeholders_audiencemember ENABLE ALWAYS TRIGGER stakeholders_member_is_colleague;
ALTER TABLE stakeholders_audience ENABLE ALWAYS TRIGGER stakeholders_internal_holds_colleagues;
ALTER TABLE stakeholders_stakeholder ENABLE ALWAYS TRIGGER stakeholders_colleague_stays;
"""

RELEASE = """
DROP TRIGGER stakeholders_colleague_stays ON stakeholders_stakeholder;
DROP TRIGGER stakeholders_internal_holds_colleagues ON stakeholders_audience;
DROP TRIGGER stakeholders_member_is_colleague ON stakeholders_audiencemember;
DROP FUNCTION stakeholders_colleague_stays();
DROP FUNCTION stakeholders_internal_holds_colleagues();
DROP FUNCTION stakeholders_member_is_colleague();
DROP FUNCTION stakeholders_refuse_outside(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("stakeholders", "0003_audience_scope")]
    operations = [
        # Rows changed and triggers made in one transaction: the foreign keys' pending checks come first.
        migrations.RunSQL(SETTLE + "SET CONSTRAINTS ALL IMMEDIATE;", migrations.RunSQL.noop),
        migrations.RunSQL(PROTECT, RELEASE),
    ]
