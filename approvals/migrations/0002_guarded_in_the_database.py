"""The promises of review and release, held by the database whatever the program does.

Each refusal names a stable constraint. ENABLE ALWAYS: replication settings do not switch the triggers off.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION approvals_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER approvals_review_immutable BEFORE UPDATE OR DELETE ON approvals_review
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();
CREATE TRIGGER approvals_review_no_truncate BEFORE TRUNCATE ON approvals_review
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_refuse_change();
CREATE TRIGGER approvals_release_immutable BEFORE UPDATE OR DELETE ON approvals_release
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();
CREATE TRIGGER approvals_release_no_truncate BEFORE TRUNCATE ON approvals_release
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_refuse_change();
-- Taking an unfilled slot away would make a round look complete.
CREATE TRIGGER approvals_slot_immutable BEFORE UPDATE OR DELETE ON approvals_reviewslot
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();

-- A verdict and a release name a revision by id and hash together, so neither can point at other words.
ALTER TABLE approvals_review ADD CONSTRAINT approvals_review_exact_words
    FOREIGN KEY (revision_id, content_hash) REFERENCES incidents_updaterevision (id, content_hash);
ALTER TABLE approvals_release ADD CONSTRAINT approvals_release_exact_words
    FOREIGN KEY (revision_id, content_hash) REFERENCES incidents_updaterevision (id, content_hash);

CREATE FUNCTION approvals_check_round() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER approvals_round_moves BEFORE UPDATE OR DELETE ON approvals_reviewround
    FOR EACH ROW EXECUTE FUNCTION approvals_check_round();

CREATE FUNCTION approvals_check_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The share lock lets a round be closed only before or after this verdict, never while it is given.
    PERFORM 1 FROM approvals_reviewround r JOIN approvals_reviewslot s ON s.round_id = r.id
        WHERE r.id = NEW.round_id AND s.id = NEW.slot_id AND r.state = 'open' AND r.revision_id = NEW.revision_id
        FOR SHARE OF r;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a verdict belongs to a slot of an open round over the same revision'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_review_in_open_round';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_review_in_open_round BEFORE INSERT ON approvals_review
    FOR EACH ROW EXECUTE FUNCTION approvals_check_review();

CREATE FUNCTION approvals_check_self_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approvals_reviewround r JOIN incidents_updatecontributor c ON c.update_of_id = r.update_of_id
        WHERE r.id = NEW.round_id AND c.user_id = NEW.reviewer_id;
    IF FOUND THEN
        RAISE EXCEPTION 'nobody reviews an update they wrote at or put forward'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_no_self_approval';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_no_self_approval AFTER INSERT ON approvals_review
    FOR EACH ROW EXECUTE FUNCTION approvals_check_self_approval();

CREATE FUNCTION approvals_check_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that neither an edit nor a voiding slips in between this look and the commit.
    PERFORM 1 FROM approvals_reviewround r JOIN incidents_update u ON u.id = r.update_of_id
        WHERE r.id = NEW.round_id AND r.state = 'approved' AND r.update_of_id = NEW.update_of_id
            AND r.revision_id = NEW.revision_id AND u.current_id = NEW.revision_id
        FOR SHARE OF r, u;
    IF NOT FOUND
        OR NOT EXISTS (SELECT 1 FROM approvals_reviewslot s WHERE s.round_id = NEW.round_id)
        OR EXISTS (
            SELECT 1 FROM approvals_reviewslot s
            LEFT JOIN approvals_review v ON v.slot_id = s.id AND v.round_id = s.round_id AND v.verdict = 'approve'
                AND v.revision_id = NEW.revision_id AND v.content_hash = NEW.content_hash
            WHERE s.round_id = NEW.round_id AND v.id IS NULL)
        OR (SELECT count(DISTINCT v.reviewer_id) <> count(*) FROM approvals_review v WHERE v.round_id = NEW.round_id)
        OR EXISTS (
            SELECT 1 FROM approvals_review v JOIN incidents_updatecontributor c ON c.user_id = v.reviewer_id
            WHERE v.round_id = NEW.round_id AND c.update_of_id = NEW.update_of_id)
    THEN
        RAISE EXCEPTION 'a release needs every review of its current revision approved, by different people who wrote nothing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_release_needs_approvals';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_release_needs_approvals BEFORE INSERT ON approvals_release
    FOR EACH ROW EXECUTE FUNCTION approvals_check_release();

ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_review_immutable;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_review_no_truncate;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_review_in_open_round;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_no_self_approval;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_immutable;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_no_truncate;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_needs_approvals;
ALTER TABLE approvals_reviewslot ENABLE ALWAYS TRIGGER approvals_slot_immutable;
ALTER TABLE approvals_reviewround ENABLE ALWAYS TRIGGER approvals_round_moves;
"""

RELEASE = """
DROP TRIGGER approvals_release_needs_approvals ON approvals_release;
DROP TRIGGER approvals_no_self_approval ON approvals_review;
DROP TRIGGER approvals_review_in_open_round ON approvals_review;
DROP TRIGGER approvals_round_moves ON approvals_reviewround;
ALTER TABLE approvals_release DROP CONSTRAINT approvals_release_exact_words;
ALTER TABLE approvals_review DROP CONSTRAINT approvals_review_exact_words;
DROP TRIGGER approvals_slot_immutable ON approvals_reviewslot;
DROP TRIGGER approvals_release_no_truncate ON approvals_release;
DROP TRIGGER approvals_release_immutable ON approvals_release;
DROP TRIGGER approvals_review_no_truncate ON approvals_review;
DROP TRIGGER approvals_review_immutable ON approvals_review;
DROP FUNCTION approvals_check_release();
DROP FUNCTION approvals_check_self_approval();
DROP FUNCTION approvals_check_review();
DROP FUNCTION approvals_check_round();
DROP FUNCTION approvals_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, RELEASE)]
