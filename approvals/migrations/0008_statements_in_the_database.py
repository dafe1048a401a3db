"""Holding statements, held by the database: approved like an update, and released only word for word.

Triggers for the two subjects of a round stand side by side, each with the rows that are its own (`WHEN`), so that a check
of the one is never weakened by a change to the other. ENABLE ALWAYS: replication settings do not switch them off.
"""

from django.db import migrations

ROUNDS = """
CREATE FUNCTION approvals_check_round_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.holding_version_id IS DISTINCT FROM OLD.holding_version_id THEN
        RAISE EXCEPTION 'a review round keeps its subject and never comes back to life'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_round_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_round_keeps_statement BEFORE UPDATE ON approvals_reviewround
    FOR EACH ROW EXECUTE FUNCTION approvals_check_round_subject();

-- A verdict names the version by id and hash together, so it cannot point at other words.
ALTER TABLE approvals_review ADD CONSTRAINT approvals_statement_exact_words
    FOREIGN KEY (holding_version_id, content_hash) REFERENCES templates_holdingstatementversion (id, content_hash);

DROP TRIGGER approvals_review_in_open_round ON approvals_review;
CREATE TRIGGER approvals_review_in_open_round BEFORE INSERT ON approvals_review
    FOR EACH ROW WHEN (NEW.holding_version_id IS NULL) EXECUTE FUNCTION approvals_check_review();

CREATE FUNCTION approvals_check_statement_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The share lock lets a round be closed only before or after this verdict, never while it is given.
    PERFORM 1 FROM approvals_reviewround r JOIN approvals_reviewslot s ON s.round_id = r.id
        WHERE r.id = NEW.round_id AND s.id = NEW.slot_id AND r.state = 'open' AND r.holding_version_id = NEW.holding_version_id
        FOR SHARE OF r;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a verdict belongs to a slot of an open round over the same statement'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_review_in_open_round';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_statement_review_in_open_round BEFORE INSERT ON approvals_review
    FOR EACH ROW WHEN (NEW.holding_version_id IS NOT NULL) EXECUTE FUNCTION approvals_check_statement_review();

CREATE FUNCTION approvals_wrote_statement(version bigint, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM templates_holdingstatementversion v JOIN templates_holdingcontributor c ON c.statement_id = v.statement_id
        WHERE v.id = version AND approvals_person(c.user_id) = person)
$$;

CREATE FUNCTION approvals_check_statement_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF approvals_wrote_statement(NEW.holding_version_id, approvals_person(NEW.reviewer_id)) THEN
        RAISE EXCEPTION 'nobody reviews a holding statement they wrote at or put forward'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_no_self_approval';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_statement_no_self_approval AFTER INSERT ON approvals_review
    FOR EACH ROW WHEN (NEW.holding_version_id IS NOT NULL) EXECUTE FUNCTION approvals_check_statement_writer();
"""

APPROVED = """
-- Technical and communications at least, each slot approved for exactly these words, by different people who wrote nothing.
CREATE FUNCTION approvals_statement_is_approved(version bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM approvals_reviewround r JOIN templates_holdingstatementversion h ON h.id = r.holding_version_id
        WHERE h.id = version AND r.state = 'approved'
            AND EXISTS (SELECT 1 FROM approvals_reviewslot s WHERE s.round_id = r.id AND s.kind = 'technical')
            AND EXISTS (SELECT 1 FROM approvals_reviewslot s WHERE s.round_id = r.id AND s.kind = 'communications')
            AND NOT EXISTS (
                SELECT 1 FROM approvals_reviewslot s LEFT JOIN approvals_review v ON v.slot_id = s.id AND v.round_id = s.round_id
                    AND v.verdict = 'approve' AND v.holding_version_id = h.id AND v.content_hash = h.content_hash
                WHERE s.round_id = r.id AND v.id IS NULL)
            AND (SELECT count(DISTINCT approvals_person(v.reviewer_id)) = count(*) FROM approvals_review v WHERE v.round_id = r.id)
            AND NOT EXISTS (
                SELECT 1 FROM approvals_review v
                WHERE v.round_id = r.id AND approvals_wrote_statement(h.id, approvals_person(v.reviewer_id))))
$$;

CREATE FUNCTION approvals_check_statement_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT approvals_statement_is_approved(NEW.id) THEN
        RAISE EXCEPTION 'a holding statement is approved by every review asked for, by different people who wrote nothing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_statement_needs_approvals';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_statement_needs_approvals BEFORE UPDATE ON templates_holdingstatementversion
    FOR EACH ROW WHEN (NEW.state = 'approved' AND OLD.state <> 'approved') EXECUTE FUNCTION approvals_check_statement_approved();
"""

USES = """
ALTER TABLE approvals_holdinguse ADD CONSTRAINT approvals_holding_use_exact_version
    FOREIGN KEY (version_id, content_hash) REFERENCES templates_holdingstatementversion (id, content_hash);
CREATE TRIGGER approvals_holding_use_immutable BEFORE UPDATE OR DELETE ON approvals_holdinguse
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();
CREATE TRIGGER approvals_holding_use_no_truncate BEFORE TRUNCATE ON approvals_holdinguse
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_refuse_change();

-- The closed list of variables. No value may hold braces, so one value can never become the place of another.
CREATE FUNCTION approvals_fill_in(words text, given jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT replace(replace(replace(replace(words,
        '{{ component_names }}', coalesce(given->>'component_names', '{{ component_names }}')),
        '{{ started_at_utc }}', coalesce(given->>'started_at_utc', '{{ started_at_utc }}')),
        '{{ now_utc }}', coalesce(given->>'now_utc', '{{ now_utc }}')),
        '{{ next_update_in }}', coalesce(given->>'next_update_in', '{{ next_update_in }}'))
$$;

CREATE FUNCTION approvals_check_holding_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM templates_holdingstatementversion v
        WHERE v.id = NEW.version_id
            AND approvals_fill_in(v.title, NEW.values) = NEW.title AND approvals_fill_in(v.body, NEW.values) = NEW.body;
    IF NOT FOUND
        OR jsonb_typeof(NEW.values) <> 'object'
        OR NEW.values - ARRAY['component_names', 'started_at_utc', 'now_utc', 'next_update_in'] <> '{}'::jsonb
        OR EXISTS (SELECT 1 FROM jsonb_each(NEW.values) e WHERE jsonb_typeof(e.value) <> 'string' OR e.value #>> '{}' ~ '[{][{]|[}][}]')
        OR NEW.title || NEW.body ~ '[{][{]|[}][}]'
    THEN
        RAISE EXCEPTION 'the words are not those of the statement with the listed variables filled in'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_holding_exact_words';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_holding_exact_words BEFORE INSERT ON approvals_holdinguse
    FOR EACH ROW EXECUTE FUNCTION approvals_check_holding_use();
"""

RELEASE = """
DROP TRIGGER approvals_release_needs_approvals ON approvals_release;
CREATE TRIGGER approvals_release_needs_approvals BEFORE INSERT ON approvals_release
    FOR EACH ROW WHEN (NEW.round_id IS NOT NULL AND NOT NEW.overridden) EXECUTE FUNCTION approvals_check_release();

CREATE FUNCTION approvals_check_statement_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said jsonb;
    meant jsonb;
BEGIN
    -- Locked, so that neither an edit nor a retirement slips in between this look and the commit.
    SELECT r.content->'wording' INTO said FROM incidents_update u JOIN incidents_updaterevision r ON r.id = u.current_id
        WHERE u.id = NEW.update_of_id AND u.current_id = NEW.revision_id
        FOR SHARE OF u;
    PERFORM 1 FROM templates_holdingstatementversion v JOIN approvals_holdinguse h ON h.version_id = v.id
        WHERE h.revision_id = NEW.revision_id ORDER BY v.id FOR SHARE OF v;
    IF said IS NULL OR NOT FOUND
        OR EXISTS (
            SELECT 1 FROM approvals_holdinguse h JOIN templates_holdingstatementversion v ON v.id = h.version_id
            WHERE h.revision_id = NEW.revision_id AND NOT (
                v.state = 'approved' AND v.expires_at > NEW.released_at AND approvals_statement_is_approved(v.id)))
    THEN
        RAISE EXCEPTION 'a release without a round needs holding statements that are approved and have not expired'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_release_needs_statement';
    END IF;
    -- Everything that is said is said by a statement, and each statement chosen is said.
    SELECT jsonb_object_agg(w.audience, w.by_language) INTO meant FROM (
        SELECT s.audience_key AS audience, jsonb_object_agg(s.language, jsonb_build_object('title', h.title, 'body', h.body)) AS by_language
        FROM approvals_holdinguse h JOIN templates_holdingstatementversion v ON v.id = h.version_id
            JOIN templates_holdingstatement s ON s.id = v.statement_id
        WHERE h.revision_id = NEW.revision_id GROUP BY s.audience_key) w;
    IF said <> meant OR (
        SELECT count(*) <> count(DISTINCT (s.audience_key, s.language))
        FROM approvals_holdinguse h JOIN templates_holdingstatementversion v ON v.id = h.version_id
            JOIN templates_holdingstatement s ON s.id = v.statement_id
        WHERE h.revision_id = NEW.revision_id)
    THEN
        RAISE EXCEPTION 'a release without a round says what its holding statements say, and nothing else'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_release_statement_words';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_release_needs_statement BEFORE INSERT ON approvals_release
    FOR EACH ROW WHEN (NEW.round_id IS NULL) EXECUTE FUNCTION approvals_check_statement_release();

ALTER TABLE approvals_reviewround ENABLE ALWAYS TRIGGER approvals_round_keeps_statement;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_review_in_open_round;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_statement_review_in_open_round;
ALTER TABLE approvals_review ENABLE ALWAYS TRIGGER approvals_statement_no_self_approval;
ALTER TABLE templates_holdingstatementversion ENABLE ALWAYS TRIGGER approvals_statement_needs_approvals;
ALTER TABLE approvals_holdinguse ENABLE ALWAYS TRIGGER approvals_holding_use_immutable;
ALTER TABLE approvals_holdinguse ENABLE ALWAYS TRIGGER approvals_holding_use_no_truncate;
ALTER TABLE approvals_holdinguse ENABLE ALWAYS TRIGGER approvals_holding_exact_words;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_needs_approvals;
ALTER TABLE approvals_release ENABLE ALWAYS TRIGGER approvals_release_needs_statement;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0007_subject_of_a_round")]
    # There is no way back: a round over a statement would be left without a subject.
    operations = [migrations.RunSQL(ROUNDS + APPROVED + USES + RELEASE)]
