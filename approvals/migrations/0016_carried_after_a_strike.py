"""Trigger: an approval that a strike carried stands for the words without the passage, so an edit of reach after it keeps it too."""

from django.db import migrations

STRUCK_THEN = """
-- Whether this review, carried over a struck passage before, stands by what the strike left for the new words.
CREATE FUNCTION approvals_struck_then_carries(given bigint, because varchar, kind varchar, new_words jsonb) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM approvals_carriedreview c JOIN incidents_updaterevision m ON m.id = c.to_revision_id
        WHERE c.review_id = given AND c.because = 'struck' AND approvals_may_carry($2, $3, m.content, $4))
$$;

CREATE OR REPLACE FUNCTION approvals_check_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approvals_reviewround n
        JOIN approvals_reviewslot s ON s.round_id = n.id
        JOIN approvals_review v ON v.id = NEW.review_id
        JOIN approvals_reviewslot vs ON vs.id = v.slot_id
        JOIN approvals_reviewround o ON o.id = v.round_id
        JOIN incidents_updaterevision a ON a.id = v.revision_id
        JOIN incidents_updaterevision b ON b.id = n.revision_id
        WHERE n.id = NEW.round_id AND s.id = NEW.slot_id AND n.state = 'open'
            AND o.id < n.id AND o.update_of_id = n.update_of_id AND vs.kind = s.kind AND v.verdict = 'approve'
            AND NEW.from_revision_id = a.id AND NEW.to_revision_id = b.id
            AND (approvals_may_carry(NEW.because, s.kind, a.content, b.content)
                OR approvals_struck_then_carries(v.id, NEW.because, s.kind, b.content)
                OR (NEW.because = 'struck' AND approvals_struck_carries(v.id, a.id, b.id)))
        FOR SHARE OF n;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a verdict is carried to a later open round of the same update only where its words still stand'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_carried_allowed';
    END IF;
    RETURN NEW;
END $$;
"""

READ_ALONE = """
CREATE OR REPLACE FUNCTION approvals_check_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approvals_reviewround n
        JOIN approvals_reviewslot s ON s.round_id = n.id
        JOIN approvals_review v ON v.id = NEW.review_id
        JOIN approvals_reviewslot vs ON vs.id = v.slot_id
        JOIN approvals_reviewround o ON o.id = v.round_id
        JOIN incidents_updaterevision a ON a.id = v.revision_id
        JOIN incidents_updaterevision b ON b.id = n.revision_id
        WHERE n.id = NEW.round_id AND s.id = NEW.slot_id AND n.state = 'open'
            AND o.id < n.id AND o.update_of_id = n.update_of_id AND vs.kind = s.kind AND v.verdict = 'approve'
            AND NEW.from_revision_id = a.id AND NEW.to_revision_id = b.id
            AND (approvals_may_carry(NEW.because, s.kind, a.content, b.content)
                OR (NEW.because = 'struck' AND approvals_struck_carries(v.id, a.id, b.id)))
        FOR SHARE OF n;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a verdict is carried to a later open round of the same update only where its words still stand'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_carried_allowed';
    END IF;
    RETURN NEW;
END $$;

DROP FUNCTION approvals_struck_then_carries(bigint, varchar, varchar, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0015_released_has_release")]
    operations = [migrations.RunSQL(STRUCK_THEN, READ_ALONE)]
