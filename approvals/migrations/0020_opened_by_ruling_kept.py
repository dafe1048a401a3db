"""Fills in which ruling opened a round, by their one time, and has the round keep it like everything else that it was opened with."""

from django.db import migrations

FILL_IN = """
UPDATE approvals_reviewround r SET opened_by_ruling_id = g.id FROM approvals_ruling g
    WHERE g.revision_id = r.revision_id AND g.at = r.opened_at AND r.opened_by_ruling_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM approvals_reviewround o WHERE o.revision_id = r.revision_id AND o.id < r.id);
"""

PROTECT = """
CREATE OR REPLACE FUNCTION approvals_check_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.update_of_id, NEW.revision_id, NEW.requested_by_id, NEW.policy_version, NEW.opened_at, NEW.opened_by_ruling_id)
            IS DISTINCT FROM
            (OLD.update_of_id, OLD.revision_id, OLD.requested_by_id, OLD.policy_version, OLD.opened_at, OLD.opened_by_ruling_id)
        OR (NEW.state <> OLD.state AND NOT (OLD.state = 'open' OR (OLD.state = 'approved' AND NEW.state = 'voided')))
    THEN
        RAISE EXCEPTION 'a review round keeps its subject and never comes back to life'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_round_moves';
    END IF;
    RETURN NEW;
END $$;
"""

RELEASE = """
CREATE OR REPLACE FUNCTION approvals_check_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.update_of_id, NEW.revision_id, NEW.requested_by_id, NEW.policy_version, NEW.opened_at)
            IS DISTINCT FROM (OLD.update_of_id, OLD.revision_id, OLD.requested_by_id, OLD.policy_version, OLD.opened_at)
        OR (NEW.state <> OLD.state AND NOT (OLD.state = 'open' OR (OLD.state = 'approved' AND NEW.state = 'voided')))
    THEN
        RAISE EXCEPTION 'a review round keeps its subject and never comes back to life'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_round_moves';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0019_opened_by_ruling")]
    operations = [migrations.RunSQL(FILL_IN, migrations.RunSQL.noop), migrations.RunSQL(PROTECT, RELEASE)]
