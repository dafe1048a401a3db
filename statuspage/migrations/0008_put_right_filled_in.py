"""Marks what was corrected or taken back before the page kept when: by the newest correction released of it.

The incidents' digests are worked out anew, and the page is published again.
"""

from django.db import migrations

FILL_IN = """
WITH newest AS (
    SELECT DISTINCT ON (w.public_id) w.public_id AS wrong, c.public_id AS code, c.kind, r.released_at
        FROM incidents_update c JOIN approvals_release r ON r.update_of_id = c.id JOIN incidents_update w ON w.id = c.corrects_id
        ORDER BY w.public_id, r.released_at DESC, r.id DESC
), marked AS (
    UPDATE statuspage_publicupdate p
        SET put_right_at = n.released_at, put_right_kind = n.kind,
            put_right_by_id = COALESCE((SELECT s.id FROM statuspage_publicupdate s WHERE s.code = n.code), p.put_right_by_id)
        FROM newest n WHERE n.wrong = p.code AND p.put_right_at IS NULL
        RETURNING p.incident_id
), stale AS (
    UPDATE statuspage_publicincident i SET digest = '' WHERE i.id IN (SELECT incident_id FROM marked) RETURNING i.id
)
INSERT INTO statuspage_pagechange (at) SELECT now() WHERE EXISTS (SELECT 1 FROM stale);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("statuspage", "0007_looked_at_when_due"),
        ("approvals", "0016_carried_after_a_strike"),
        ("incidents", "0009_kept_rows_protect"),
    ]
    operations = [migrations.RunSQL(FILL_IN, migrations.RunSQL.noop)]
