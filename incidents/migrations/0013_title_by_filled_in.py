"""Notes who wrote the titles there are, by the log, and counts them in the drafts under way whose words hold the title.

A title that a tool wrote last is noted as the person's before it: too many is the safe side, somebody else then reviews.
"""

from django.db import migrations

FILL_IN = """
UPDATE incidents_incident i SET title_by_id = COALESCE(
    (SELECT w.id FROM audit_entry e JOIN accounts_user w ON e.actor LIKE '%user:' || w.id::text
        WHERE e.type = 'incident.changed' AND e.subject = 'incident:' || i.public_id
            AND CASE WHEN length(e.body) > 0 THEN jsonb_exists(convert_from(e.body, 'UTF8')::jsonb -> 'after', 'title') ELSE false END
        ORDER BY e.index DESC LIMIT 1),
    i.opener_id)
WHERE i.title_by_id IS NULL;

INSERT INTO incidents_updatecontributor (update_of_id, user_id, since)
SELECT DISTINCT u.id, i.title_by_id, u.created_at FROM incidents_update u
    JOIN incidents_incident i ON i.id = u.incident_id
    JOIN incidents_updaterevision r ON r.update_of_id = u.id
    WHERE u.state IN ('draft', 'in_review', 'approved') AND i.title_by_id IS NOT NULL
        AND strpos((r.content -> 'wording')::text, substr(to_jsonb(i.title)::text, 2, length(to_jsonb(i.title)::text) - 2)) > 0
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0012_title_by"), ("audit", "0002_append_only"), ("accounts", "0010_never_emptied")]
    operations = [migrations.RunSQL(FILL_IN, migrations.RunSQL.noop)]
