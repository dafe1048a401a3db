"""Trigger: whoever prepared a holding statement counts as an author of whatever puts right what was released in its words.

Then fills in those of the corrections under way.
"""

from django.db import migrations

PREPARED = """
    FROM approvals_release r
        JOIN approvals_holdinguse x ON x.revision_id = r.revision_id
        JOIN templates_holdingstatementversion v ON v.id = x.version_id
        JOIN templates_holdingcontributor h ON h.statement_id = v.statement_id
"""

PROTECT = f"""
CREATE FUNCTION approvals_count_who_prepared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incidents_updatecontributor (update_of_id, user_id, since)
        SELECT DISTINCT NEW.id, h.user_id, NEW.created_at {PREPARED} WHERE r.update_of_id = NEW.corrects_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER approvals_correction_counts_who_prepared AFTER INSERT ON incidents_update
    FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION approvals_count_who_prepared();
ALTER TABLE incidents_update ENABLE ALWAYS TRIGGER approvals_correction_counts_who_prepared;
"""

RELEASE = """
DROP TRIGGER approvals_correction_counts_who_prepared ON incidents_update;
DROP FUNCTION approvals_count_who_prepared();
"""

FILL_IN = f"""
INSERT INTO incidents_updatecontributor (update_of_id, user_id, since)
SELECT DISTINCT u.id, h.user_id, u.created_at {PREPARED} JOIN incidents_update u ON u.corrects_id = r.update_of_id
    WHERE u.state IN ('draft', 'in_review', 'approved')
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0017_able_filled_in"),
        ("incidents", "0011_authors_of_what_is_put_right"),
        ("templates", "0006_never_emptied"),
    ]
    operations = [migrations.RunSQL(PROTECT, RELEASE), migrations.RunSQL(FILL_IN, migrations.RunSQL.noop)]
