"""Disputes, rulings, overrides and holds: what the database refuses whatever the program does.

Each refusal names a stable constraint. ENABLE ALWAYS: replication settings do not switch the triggers off.
"""

from django.db import migrations

DISPUTES = """
CREATE FUNCTION approvals_check_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- The share lock lets the round be approved or closed only before or after, never while a dispute is opened.
        PERFORM 1 FROM approvals_reviewround r JOIN approvals_reviewslot s ON s.round_id = r.id
            WHERE r.id = NEW.review_round_id AND s.id = NEW.slot_id AND r.state = 'open'
                AND r.revision_id = NEW.revision_id AND r.update_of_id = NEW.update_of_id
            FOR SHARE OF r;
        IF NOT FOUND OR NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a dispute is opened in an open round over the same revision'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_dispute_in_open_round';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.state <> 'open'
        OR to_jsonb(NEW) - ARRAY['state', 'closed_at', 'overdue_told_at', 'told_late']
            IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'closed_at', 'overdue_told_at', 'told_late']
    THEN
        RAISE EXCEPTION 'a dispute keeps what it says and is closed once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_dispute_closed_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_dispute_in_open_round BEFORE INSERT ON approvals_dispute
    FOR EACH ROW EXECUTE FUNCTION approvals_check_dispute();
CREATE TRIGGER approvals_dispute_closed_once BEFORE UPDATE OR DELETE ON approvals_dispute
    FOR EACH ROW EXECUTE FUNCTION approvals_check_dispute();

CREATE FUNCTION approvals_check_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    disputed approvals_dispute%ROWTYPE;
    ruling approvals_ruling%ROWTYPE;
    ruled boolean;
BEGIN
    IF TG_TABLE_NAME = 'approvals_ruling' THEN
        SELECT * INTO disputed FROM approvals_dispute WHERE id = NEW.dispute_id;
    ELSE
        SELECT * INTO disputed FROM approvals_dispute WHERE id = NEW.id;
    END IF;
    SELECT * INTO ruling FROM approvals_ruling WHERE dispute_id = disputed.id;
    ruled := disputed.state IN ('upheld', 'struck', 'reworded');
    IF ruled <> (ruling.id IS NOT NULL)
        OR (ruled AND disputed.state <> CASE ruling.kind WHEN 'uphold' THEN 'upheld' WHEN 'strike' THEN 'struck' ELSE 'reworded' END)
        OR (ruled AND approvals_person(ruling.by_id) = approvals_person(disputed.by_id))
    THEN
        RAISE EXCEPTION 'a dispute that was ruled on has its ruling, by somebody else than who disputed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_ruling_closes_dispute';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_ruling_closes_dispute AFTER INSERT ON approvals_ruling
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approvals_check_ruling();
CREATE CONSTRAINT TRIGGER approvals_dispute_has_ruling AFTER UPDATE ON approvals_dispute
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approvals_check_ruling();
CREATE TRIGGER approvals_ruling_immutable BEFORE UPDATE OR DELETE ON approvals_ruling
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();

CREATE FUNCTION approvals_check_round_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM approvals_dispute d WHERE d.update_of_id = NEW.update_of_id AND d.state = 'open') THEN
        RAISE EXCEPTION 'nothing is approved while a passage of it is disputed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_no_approval_while_disputed';
    END IF;
    IF NEW.state = 'overridden' AND NOT EXISTS (SELECT 1 FROM approvals_override o WHERE o.round_id = NEW.id) THEN
        RAISE EXCEPTION 'a round is overridden by an override'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_round_overridden_by_override';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_no_approval_while_disputed BEFORE INSERT OR UPDATE OF state ON approvals_reviewround
    FOR EACH ROW WHEN (NEW.state IN ('approved', 'overridden')) EXECUTE FUNCTION approvals_check_round_end();
"""

STRUCK = """
-- Whether `new_words` are `old_words` without one quoted passage of one text, but for blanks and line breaks. Nothing is added.
CREATE FUNCTION approvals_only_struck(old_words jsonb, new_words jsonb, place text[], quote text, start integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
    SELECT substr(old_words #>> place, start + 1, length(quote)) = quote
        AND jsonb_set(old_words, place, '""') = jsonb_set(new_words, place, '""')
        AND translate(substr(old_words #>> place, 1, start) || substr(old_words #>> place, start + length(quote) + 1), E' \\n', '')
            = translate(new_words #>> place, E' \\n', '')
$$;

-- Whether an arbiter's ruling that only strikes carries this review from what it was given on, or was carried to, to the new words.
CREATE FUNCTION approvals_struck_carries(given bigint, read_revision bigint, new_revision bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM approvals_ruling r JOIN approvals_dispute d ON d.id = r.dispute_id
        JOIN incidents_updaterevision m ON m.id = r.from_revision_id
        JOIN incidents_updaterevision n ON n.id = r.revision_id
        WHERE r.kind = 'strike' AND r.revision_id = new_revision
            AND approvals_only_struck(m.content, n.content, ARRAY['wording', d.audience, d.language, d.field], d.quote, r.start)
            AND (m.id = read_revision OR EXISTS (
                SELECT 1 FROM approvals_carriedreview c WHERE c.review_id = given AND c.to_revision_id = m.id)))
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
                OR (NEW.because = 'struck' AND approvals_struck_carries(v.id, a.id, b.id)))
        FOR SHARE OF n;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a verdict is carried to a later open round of the same update only where its words still stand'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_carried_allowed';
    END IF;
    RETURN NEW;
END $$;
"""

OVERRIDES = """
ALTER TABLE approvals_override ADD CONSTRAINT approvals_override_exact_words
    FOREIGN KEY (revision_id, content_hash) REFERENCES incidents_updaterevision (id, content_hash);

CREATE FUNCTION approvals_wrote(account uuid, words bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM incidents_updatecontributor c
        WHERE c.update_of_id = words AND approvals_person(c.user_id) = approvals_person(account))
$$;

CREATE FUNCTION approvals_check_override() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'awaiting' THEN
            RAISE EXCEPTION 'an override begins waiting to be ratified'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_override_decided_once';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.state <> 'awaiting' OR NEW.state = 'awaiting'
        OR to_jsonb(NEW) - ARRAY['state', 'decided_by_id', 'decided_at', 'decided_reason', 'correction_id']
            IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'decided_by_id', 'decided_at', 'decided_reason', 'correction_id']
    THEN
        RAISE EXCEPTION 'an override is never changed; its ratification is decided once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_override_decided_once';
    END IF;
    IF approvals_person(NEW.decided_by_id) = approvals_person(NEW.by_id) OR approvals_wrote(NEW.decided_by_id, NEW.update_of_id) THEN
        RAISE EXCEPTION 'who released by override, or wrote at the update, does not ratify it'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_override_decided_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_override_decided_once BEFORE INSERT OR UPDATE OR DELETE ON approvals_override
    FOR EACH ROW EXECUTE FUNCTION approvals_check_override();
CREATE TRIGGER approvals_override_no_truncate BEFORE TRUNCATE ON approvals_override
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_refuse_change();

CREATE FUNCTION approvals_check_override_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM approvals_release r WHERE r.update_of_id = NEW.update_of_id AND r.round_id = NEW.round_id AND r.overridden)
    THEN
        RAISE EXCEPTION 'an override stands only beside the release that it let out'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_override_has_release';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_override_has_release AFTER INSERT ON approvals_override
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approvals_check_override_release();

-- An ordinary release needs every review; an overridden one needs its override, written before it in the same transaction: an
-- override cannot be committed without its release, nor an update be released twice.
DROP TRIGGER approvals_release_needs_approvals ON approvals_release;
CREATE TRIGGER approvals_release_needs_approvals BEFORE INSERT ON approvals_release
    FOR EACH ROW WHEN (NOT NEW.overridden) EXECUTE FUNCTION approvals_check_release();
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_needs_approvals;

CREATE FUNCTION approvals_check_overridden_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    o approvals_override%ROWTYPE;
BEGIN
    SELECT * INTO o FROM approvals_override
        WHERE update_of_id = NEW.update_of_id AND round_id = NEW.round_id AND revision_id = NEW.revision_id
            AND content_hash = NEW.content_hash AND by_id = NEW.released_by_id;
    IF NOT FOUND OR jsonb_array_length(o.fills) = 0 THEN
        RAISE EXCEPTION 'a release without every review needs an override over the same words'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_release_needs_override';
    END IF;
    PERFORM 1 FROM approvals_reviewround r JOIN incidents_update u ON u.id = r.update_of_id
        WHERE r.id = NEW.round_id AND r.state = 'overridden' AND r.update_of_id = NEW.update_of_id
            AND r.revision_id = NEW.revision_id AND u.current_id = NEW.revision_id
        FOR SHARE OF r, u;
    IF NOT FOUND
        OR EXISTS (
            SELECT 1 FROM approvals_unfilled(NEW.round_id, NEW.revision_id, NEW.content_hash) AS missing
            JOIN approvals_reviewslot s ON s.id = missing
            WHERE NOT o.fills @> jsonb_build_array(jsonb_build_object('kind', s.kind)))
        OR (o.fills @> '[{"kind": "legal"}]'::jsonb AND NOT o.fills_legal)
        OR (SELECT count(DISTINCT a.person) <> count(*) FROM approvals_standing(NEW.round_id) a)
        OR approvals_has_contributor(NEW.round_id)
        OR approvals_wrote(o.by_id, NEW.update_of_id)
        OR EXISTS (SELECT 1 FROM approvals_standing(NEW.round_id) a WHERE a.person = approvals_person(o.by_id))
    THEN
        RAISE EXCEPTION 'an override stands in for every review missing, by somebody who wrote and reviewed nothing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_release_needs_override';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_release_needs_override BEFORE INSERT ON approvals_release
    FOR EACH ROW WHEN (NEW.overridden) EXECUTE FUNCTION approvals_check_overridden_release();
"""

HOLDS = """
CREATE FUNCTION approvals_check_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL
        OR to_jsonb(NEW) - ARRAY['lifted_by_id', 'lifted_at', 'lift_reason']
            IS DISTINCT FROM to_jsonb(OLD) - ARRAY['lifted_by_id', 'lifted_at', 'lift_reason']
    THEN
        RAISE EXCEPTION 'a hold is lifted once and otherwise never changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_hold_lifted_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_hold_lifted_once BEFORE UPDATE OR DELETE ON approvals_releasehold
    FOR EACH ROW EXECUTE FUNCTION approvals_check_hold();

CREATE FUNCTION approvals_check_held_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM approvals_releasehold h JOIN incidents_update u ON u.id = NEW.update_of_id
        WHERE h.lifted_at IS NULL AND (h.update_of_id = u.id OR h.incident_id = u.incident_id))
    THEN
        RAISE EXCEPTION 'nothing is released while it is held'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_no_release_while_held';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_no_release_while_held BEFORE INSERT ON approvals_release
    FOR EACH ROW EXECUTE FUNCTION approvals_check_held_release();
"""

ALWAYS = """
ALTER TABLE approvals_dispute ENABLE ALWAYS TRIGGER approvals_dispute_in_open_round;
ALTER TABLE approvals_dispute ENABLE ALWAYS TRIGGER approvals_dispute_closed_once;
ALTER TABLE approvals_dispute ENABLE ALWAYS TRIGGER approvals_dispute_has_ruling;
ALTER TABLE approvals_ruling ENABLE ALWAYS TRIGGER approvals_ruling_closes_dispute;
ALTER TABLE approvals_ruling ENABLE ALWAYS TRIGGER approvals_ruling_immutable;
ALTER TABLE approvals_reviewround ENABLE ALWAYS TRIGGER approvals_no_approval_while_disputed;
ALTER TABLE approvals_override ENABLE ALWAYS TRIGGER approvals_override_decided_once;
ALTER TABLE approvals_override ENABLE ALWAYS TRIGGER approvals_override_no_truncate;
ALTER TABLE approvals_override ENABLE ALWAYS TRIGGER approvals_override_has_release;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_needs_override;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_no_release_while_held;
ALTER TABLE approvals_releasehold ENABLE ALWAYS TRIGGER approvals_hold_lifted_once;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0005_disputes_overrides_holds")]
    # There is no way back: what was released by override could not be told from what was approved.
    operations = [migrations.RunSQL(DISPUTES + STRUCK + OVERRIDES + HOLDS + ALWAYS)]
