"""Attempts that one row holds for many: they name what waits for its first try, are told whole and once, are counted, and stay."""

from django.db import migrations

# As for single attempts (0015): what is begun is refused of what rests, whoever forgets to ask. Those listed count as being sent.
OPENED = """
CREATE FUNCTION notifications_window_opened() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh f WHERE f.deliveries IS DISTINCT FROM (
        SELECT array_agg(d.id ORDER BY d.id) FROM notifications_delivery d
        WHERE d.id BETWEEN f.first_id AND f.last_id AND d.message_id = f.message_id AND d.run_id = f.run_id
            AND d.state = 'planned' AND d.attempt_count = 0 AND d.provider = ''
    )) THEN
        RAISE EXCEPTION 'a window lists whatever of its run waits for a first attempt, in its range'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'notifications_window_opened';
    END IF;
    IF EXISTS (SELECT 1 FROM fresh f JOIN notifications_message m ON m.id = f.message_id
               WHERE m.ended_as <> '' OR m.paused_at IS NOT NULL) THEN
        RAISE EXCEPTION 'nothing is begun of a message that is paused or has ended'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notifications_nothing_begun_of_what_rests';
    END IF;
    INSERT INTO notifications_messagecounter AS c (message_id, channel, state, provider, shard, count)
    SELECT f.message_id, r.channel, s.state, CASE s.state WHEN 'sending' THEN f.provider ELSE '' END, pg_backend_pid(),
        sum(s.sign * cardinality(f.deliveries))
    FROM fresh f JOIN notifications_deliveryrun r ON r.id = f.run_id CROSS JOIN (VALUES ('planned', -1), ('sending', 1)) AS s(state, sign)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (message_id, channel, state, provider, shard) DO UPDATE SET count = c.count + EXCLUDED.count;
    RETURN NULL;
END $$;
CREATE TRIGGER notifications_window_opened AFTER INSERT ON notifications_windowattempt
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION notifications_window_opened();
ALTER TABLE notifications_windowattempt ENABLE ALWAYS TRIGGER notifications_window_opened;
"""
# What a window came to is said in one statement: for each of its deliveries once. A second time, each would be there twice.
TOLD = """
CREATE FUNCTION notifications_window_told() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT window_id AS id FROM fresh) f JOIN notifications_windowattempt w ON w.id = f.id
        WHERE w.deliveries <> (
            SELECT array_agg(x ORDER BY x) FROM notifications_windowoutcome o CROSS JOIN LATERAL unnest(o.deliveries) x
            WHERE o.window_id = w.id)
    ) THEN
        RAISE EXCEPTION 'what a window came to is said once, for each of its deliveries'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notifications_window_told';
    END IF;
    WITH told AS MATERIALIZED (
        SELECT w.message_id, r.channel, w.provider, sum(cardinality(f.deliveries)) AS n,
            coalesce(sum(cardinality(f.deliveries)) FILTER (WHERE f.outcome = 'accepted'), 0) AS accepted
        FROM fresh f JOIN notifications_windowattempt w ON w.id = f.window_id JOIN notifications_deliveryrun r ON r.id = w.run_id
        GROUP BY 1, 2, 3
    ), counted AS (
        INSERT INTO notifications_messagecounter AS c (message_id, channel, state, provider, shard, count)
        SELECT t.message_id, t.channel, s.state, CASE s.state WHEN 'sending' THEN t.provider ELSE '' END, pg_backend_pid(), sum(s.sign * t.n)
        FROM told t CROSS JOIN (VALUES ('planned', 1), ('sending', -1)) AS s(state, sign) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (message_id, channel, state, provider, shard) DO UPDATE SET count = c.count + EXCLUDED.count
    )
    INSERT INTO notifications_messagepace AS p (message_id, channel, provider, slot, shard, ended, accepted)
    SELECT message_id, channel, provider, date_bin('10 seconds', clock_timestamp(), 'epoch'), pg_backend_pid(), n, accepted
    FROM told ORDER BY 1, 2, 3
    ON CONFLICT (message_id, slot, channel, provider, shard) DO UPDATE
        SET ended = p.ended + EXCLUDED.ended, accepted = p.accepted + EXCLUDED.accepted;
    RETURN NULL;
END $$;
CREATE TRIGGER notifications_window_told AFTER INSERT ON notifications_windowoutcome
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION notifications_window_told();
ALTER TABLE notifications_windowoutcome ENABLE ALWAYS TRIGGER notifications_window_told;
"""
GONE = """
DROP TRIGGER notifications_window_told ON notifications_windowoutcome; DROP FUNCTION notifications_window_told();
DROP TRIGGER notifications_window_opened ON notifications_windowattempt; DROP FUNCTION notifications_window_opened();
"""
TABLES = ("notifications_windowattempt", "notifications_windowoutcome")
KEPT = "".join(
    f"""
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION notifications_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION notifications_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""
    for table in TABLES
)
KEPT_NOT = "".join(f"DROP TRIGGER {table}_no_change ON {table}; DROP TRIGGER {table}_no_truncate ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0023_windows_of_first_attempts")]
    operations = [migrations.RunSQL(OPENED + TOLD, GONE), migrations.RunSQL(KEPT, KEPT_NOT)]
