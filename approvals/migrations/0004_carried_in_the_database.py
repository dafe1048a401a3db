"""Kinds, carried verdicts, clocks and comments, held by the database.

`approvals_person` says who stands behind an account, `approvals_standing` which approvals of a round count, and
`approvals_unfilled` which of its slots have none; every check below reads through them, so that what changes one of the
three changes it everywhere. ENABLE ALWAYS: replication settings do not switch the triggers off.
"""

from django.db import migrations

PEOPLE = """
CREATE FUNCTION approvals_person(account uuid) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT account $$;

CREATE FUNCTION approvals_standing(asked bigint)
    RETURNS TABLE (slot_id bigint, kind varchar, person uuid, revision_id bigint, content_hash varchar) LANGUAGE sql STABLE AS $$
    SELECT s.id, s.kind, approvals_person(v.reviewer_id), v.revision_id, v.content_hash
        FROM approvals_reviewslot s JOIN approvals_review v ON v.slot_id = s.id AND v.round_id = s.round_id
        WHERE s.round_id = asked AND v.verdict = 'approve'
    UNION ALL
    SELECT s.id, s.kind, approvals_person(v.reviewer_id), c.to_revision_id, c.to_hash
        FROM approvals_reviewslot s JOIN approvals_carriedreview c ON c.slot_id = s.id AND c.round_id = s.round_id
        JOIN approvals_review v ON v.id = c.review_id
        WHERE s.round_id = asked
$$;

CREATE FUNCTION approvals_unfilled(asked bigint, revision bigint, words varchar) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT s.id FROM approvals_reviewslot s
        WHERE s.round_id = asked AND NOT EXISTS (
            SELECT 1 FROM approvals_standing(asked) a
            WHERE a.slot_id = s.id AND a.revision_id = revision AND a.content_hash = words)
$$;

CREATE FUNCTION approvals_has_contributor(asked bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM approvals_reviewround r JOIN incidents_updatecontributor c ON c.update_of_id = r.update_of_id
        JOIN approvals_standing(asked) a ON a.person = approvals_person(c.user_id)
        WHERE r.id = asked)
$$;
"""

CARRIED = """
ALTER TABLE approvals_carriedreview ADD CONSTRAINT approvals_carried_from_exact_words
    FOREIGN KEY (from_revision_id, from_hash) REFERENCES incidents_updaterevision (id, content_hash);
ALTER TABLE approvals_carriedreview ADD CONSTRAINT approvals_carried_to_exact_words
    FOREIGN KEY (to_revision_id, to_hash) REFERENCES incidents_updaterevision (id, content_hash);

-- Whether an approval of these words stands for those. The contents themselves are compared, not only their hashes.
CREATE FUNCTION approvals_may_carry(because varchar, kind varchar, old_words jsonb, new_words jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE because
        WHEN 'same_words' THEN old_words = new_words
        WHEN 'reach' THEN kind = 'technical' AND old_words - 'reach' = new_words - 'reach'
        ELSE false END
$$;

CREATE FUNCTION approvals_check_carried() RETURNS trigger LANGUAGE plpgsql AS $$
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
            AND approvals_may_carry(NEW.because, s.kind, a.content, b.content)
        FOR SHARE OF n;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a verdict is carried to a later open round of the same update only where its words still stand'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_carried_allowed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_carried_allowed BEFORE INSERT ON approvals_carriedreview
    FOR EACH ROW EXECUTE FUNCTION approvals_check_carried();

CREATE FUNCTION approvals_check_filled_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approvals_review v JOIN approvals_carriedreview c ON c.slot_id = v.slot_id WHERE v.slot_id = NEW.slot_id;
    IF FOUND THEN
        RAISE EXCEPTION 'a slot is filled by its own verdict or by one carried over, not by both'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_filled_once';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_filled_once AFTER INSERT ON approvals_review
    FOR EACH ROW EXECUTE FUNCTION approvals_check_filled_once();
CREATE CONSTRAINT TRIGGER approvals_carried_filled_once AFTER INSERT ON approvals_carriedreview
    FOR EACH ROW EXECUTE FUNCTION approvals_check_filled_once();

-- One person fills one slot, whatever account they use; nobody who wrote fills any.
CREATE FUNCTION approvals_check_distinct_persons() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting uuid;
BEGIN
    IF TG_TABLE_NAME = 'approvals_review' THEN
        acting := approvals_person(NEW.reviewer_id);
    ELSE
        SELECT approvals_person(v.reviewer_id) INTO acting FROM approvals_review v WHERE v.id = NEW.review_id;
    END IF;
    PERFORM 1 FROM (
        SELECT v.slot_id, v.reviewer_id FROM approvals_review v WHERE v.round_id = NEW.round_id
        UNION ALL
        SELECT c.slot_id, v.reviewer_id FROM approvals_carriedreview c JOIN approvals_review v ON v.id = c.review_id
            WHERE c.round_id = NEW.round_id
    ) filled WHERE filled.slot_id <> NEW.slot_id AND approvals_person(filled.reviewer_id) = acting;
    IF FOUND THEN
        RAISE EXCEPTION 'the reviews of a round come from different people'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_distinct_persons';
    END IF;
    PERFORM 1 FROM approvals_reviewround r JOIN incidents_updatecontributor c ON c.update_of_id = r.update_of_id
        WHERE r.id = NEW.round_id AND approvals_person(c.user_id) = acting;
    IF FOUND THEN
        RAISE EXCEPTION 'nobody reviews an update they wrote at or put forward'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_no_self_approval';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER approvals_no_self_approval ON approvals_review;
DROP FUNCTION approvals_check_self_approval();
CREATE CONSTRAINT TRIGGER approvals_no_self_approval AFTER INSERT ON approvals_review
    FOR EACH ROW EXECUTE FUNCTION approvals_check_distinct_persons();
CREATE CONSTRAINT TRIGGER approvals_carried_no_self_approval AFTER INSERT ON approvals_carriedreview
    FOR EACH ROW EXECUTE FUNCTION approvals_check_distinct_persons();
"""

CLOCKS = """
-- A step fires once and keeps its time.
CREATE FUNCTION approvals_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.fired_at IS NOT NULL
        OR (NEW.slot_id, NEW.step, NEW.due_at) IS DISTINCT FROM (OLD.slot_id, OLD.step, OLD.due_at)
    THEN
        RAISE EXCEPTION 'a step of a slot is told once and keeps its time'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_step_told_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_step_told_once BEFORE UPDATE OR DELETE ON approvals_slotstep
    FOR EACH ROW EXECUTE FUNCTION approvals_check_step();

-- A link stays its person's and is spent once.
CREATE FUNCTION approvals_check_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.spent_at IS NOT NULL
        OR (NEW.slot_id, NEW.user_id, NEW.digest, NEW.made_at) IS DISTINCT FROM (OLD.slot_id, OLD.user_id, OLD.digest, OLD.made_at)
    THEN
        RAISE EXCEPTION 'a review link belongs to one person and is spent once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_link_spent_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_link_spent_once BEFORE UPDATE OR DELETE ON approvals_reviewlink
    FOR EACH ROW EXECUTE FUNCTION approvals_check_link();
"""

RELEASE = """
CREATE OR REPLACE FUNCTION approvals_check_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that neither an edit nor a voiding slips in between this look and the commit.
    PERFORM 1 FROM approvals_reviewround r JOIN incidents_update u ON u.id = r.update_of_id
        WHERE r.id = NEW.round_id AND r.state = 'approved' AND r.update_of_id = NEW.update_of_id
            AND r.revision_id = NEW.revision_id AND u.current_id = NEW.revision_id
        FOR SHARE OF r, u;
    IF NOT FOUND
        OR NOT EXISTS (SELECT 1 FROM approvals_reviewslot s WHERE s.round_id = NEW.round_id)
        OR EXISTS (SELECT 1 FROM approvals_unfilled(NEW.round_id, NEW.revision_id, NEW.content_hash))
        OR (SELECT count(DISTINCT a.person) <> count(*) FROM approvals_standing(NEW.round_id) a)
        OR approvals_has_contributor(NEW.round_id)
    THEN
        RAISE EXCEPTION 'a release needs every review of its current revision approved, by different people who wrote nothing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_release_needs_approvals';
    END IF;
    RETURN NEW;
END $$;
"""

ALWAYS = """
CREATE TRIGGER approvals_carried_immutable BEFORE UPDATE OR DELETE ON approvals_carriedreview
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();
CREATE TRIGGER approvals_carried_no_truncate BEFORE TRUNCATE ON approvals_carriedreview
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_refuse_change();
CREATE TRIGGER approvals_comment_immutable BEFORE UPDATE OR DELETE ON approvals_passagecomment
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();
CREATE TRIGGER approvals_call_immutable BEFORE UPDATE OR DELETE ON approvals_slotcall
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();

ALTER TABLE approvals_carriedreview ENABLE ALWAYS TRIGGER approvals_carried_allowed;
ALTER TABLE approvals_carriedreview ENABLE ALWAYS TRIGGER approvals_carried_filled_once;
ALTER TABLE approvals_carriedreview ENABLE ALWAYS TRIGGER approvals_carried_no_self_approval;
ALTER TABLE approvals_carriedreview ENABLE ALWAYS TRIGGER approvals_carried_immutable;
ALTER TABLE approvals_carriedreview ENABLE ALWAYS TRIGGER approvals_carried_no_truncate;
ALTER TABLE approvals_passagecomment ENABLE ALWAYS TRIGGER approvals_comment_immutable;
ALTER TABLE approvals_slotcall ENABLE ALWAYS TRIGGER approvals_call_immutable;
ALTER TABLE approvals_slotstep ENABLE ALWAYS TRIGGER approvals_step_told_once;
ALTER TABLE approvals_reviewlink ENABLE ALWAYS TRIGGER approvals_link_spent_once;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_filled_once;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_no_self_approval;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_review_in_full")]
    # There is no way back: what was carried over could not be told from what was never given.
    operations = [migrations.RunSQL(PEOPLE + CARRIED + CLOCKS + RELEASE + ALWAYS)]
