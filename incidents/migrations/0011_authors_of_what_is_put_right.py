"""Triggers: whoever wrote at an update counts as an author of whatever puts it right, and one such update is on its way at a time.

By whichever road it was started. Then fills in the authors of the corrections under way. Corrections that were both under way before
this stay so: people finish the one and withdraw the other.
"""

from django.db import migrations

PROTECT = """
CREATE FUNCTION incidents_count_the_authors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_updatecontributor (update_of_id, user_id, since)
        SELECT NEW.id, w.user_id, NEW.created_at FROM incidents_updatecontributor w WHERE w.update_of_id = NEW.corrects_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER incidents_correction_counts_authors AFTER INSERT ON incidents_update
    FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION incidents_count_the_authors();

CREATE FUNCTION incidents_count_an_author_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_updatecontributor (update_of_id, user_id, since)
        SELECT u.id, NEW.user_id, NEW.since FROM incidents_update u WHERE u.corrects_id = NEW.update_of_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER incidents_author_counts_in_corrections AFTER INSERT ON incidents_updatecontributor
    FOR EACH ROW EXECUTE FUNCTION incidents_count_an_author_later();

CREATE FUNCTION incidents_check_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('draft', 'in_review', 'approved') THEN
        RETURN NEW;
    END IF;
    -- Two that start at once wait for each other here.
    PERFORM 1 FROM incidents_update WHERE id = NEW.corrects_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM incidents_update
            WHERE corrects_id = NEW.corrects_id AND id <> NEW.id AND state IN ('draft', 'in_review', 'approved')
    ) THEN
        RAISE EXCEPTION 'a correction of update % is on its way already', NEW.corrects_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'incidents_one_correction_on_its_way';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incidents_one_correction_on_its_way BEFORE INSERT OR UPDATE OF state ON incidents_update
    FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL AND NEW.state IN ('draft', 'in_review', 'approved'))
    EXECUTE FUNCTION incidents_check_correction();

ALTER TABLE incidents_update ENABLE ALWAYS TRIGGER incidents_correction_counts_authors;
ALTER TABLE incidents_update ENABLE ALWAYS TRIGGER incidents_one_correction_on_its_way;
ALTER TABLE incidents_updatecontributor ENABLE ALWAYS TRIGGER incidents_author_counts_in_corrections;
"""

RELEASE = """
DROP TRIGGER incidents_one_correction_on_its_way ON incidents_update;
DROP FUNCTION incidents_check_correction();
DROP TRIGGER incidents_author_counts_in_corrections ON incidents_updatecontributor;
DROP FUNCTION incidents_count_an_author_later();
DROP TRIGGER incidents_correction_counts_authors ON incidents_update;
DROP FUNCTION incidents_count_the_authors();
"""

FILL_IN = """
INSERT INTO incidents_updatecontributor (update_of_id, user_id, since)
WITH RECURSIVE about (correction, wrong, at) AS (
    SELECT id, corrects_id, created_at FROM incidents_update
        WHERE corrects_id IS NOT NULL AND state IN ('draft', 'in_review', 'approved')
    UNION SELECT a.correction, u.corrects_id, a.at FROM about a JOIN incidents_update u ON u.id = a.wrong WHERE u.corrects_id IS NOT NULL
)
SELECT DISTINCT a.correction, w.user_id, a.at FROM about a JOIN incidents_updatecontributor w ON w.update_of_id = a.wrong
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0010_promises_by_readers")]
    operations = [migrations.RunSQL(PROTECT, RELEASE), migrations.RunSQL(FILL_IN, migrations.RunSQL.noop)]
