"""Notes who could have filled the slots of updates that were under way before that was noted.

What the roster and the roles were then is not kept as rows. So this notes everybody who may have been able: who was called, who
holds the role now, and who lost it since, by the log; without the accounts of people who wrote. Too many is the safe side: an
override then waits for the window instead of finding nobody. Absences and training are read anew at the override in any case.
Rounds in which nobody was able cannot be told from rounds of which nothing was noted, and are filled in alike.
"""

from django.db import migrations

FILL_IN = """
INSERT INTO approvals_ableatopening (slot_id, user_id)
WITH role_of (kind, role) AS (VALUES
    ('technical', 'technical_lead'), ('communications', 'comms_reviewer'), ('legal', 'legal'), ('public_relations', 'public_relations')
), bare AS (
    SELECT s.id, k.role, r.opened_at, r.update_of_id FROM approvals_reviewslot s
        JOIN role_of k ON k.kind = s.kind
        JOIN approvals_reviewround r ON r.id = s.round_id
        JOIN incidents_update u ON u.id = r.update_of_id
        WHERE u.state IN ('draft', 'in_review', 'approved')
            AND NOT EXISTS (SELECT 1 FROM approvals_ableatopening a WHERE a.slot_id = s.id)
            AND NOT EXISTS (SELECT 1 FROM approvals_carriedreview c WHERE c.slot_id = s.id)
), able AS (
    SELECT b.id, b.update_of_id, c.user_id FROM bare b JOIN approvals_slotcall c ON c.slot_id = b.id
    UNION SELECT b.id, b.update_of_id, a.user_id FROM bare b JOIN accounts_roleassignment a ON a.role = b.role
    UNION SELECT b.id, b.update_of_id, w.id FROM bare b
        JOIN audit_entry e ON e.type = 'user.roles_changed' AND e.at >= b.opened_at
        JOIN accounts_user w ON e.subject = 'user:' || w.id::text
        WHERE jsonb_exists(convert_from(e.body, 'UTF8')::jsonb -> 'before', b.role)
)
SELECT able.id, able.user_id FROM able WHERE NOT EXISTS (
    SELECT 1 FROM incidents_updatecontributor w
        WHERE w.update_of_id = able.update_of_id AND approvals_person(w.user_id) = approvals_person(able.user_id))
ORDER BY 1, 2;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0016_carried_after_a_strike"),
        ("accounts", "0010_never_emptied"),
        ("audit", "0002_append_only"),
        ("incidents", "0009_kept_rows_protect"),
    ]
    operations = [migrations.RunSQL(FILL_IN, migrations.RunSQL.noop)]
