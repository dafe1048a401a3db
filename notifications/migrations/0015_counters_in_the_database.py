"""The counters' triggers; what a person cancelled stays so, and nothing is begun of it, nor of what a person paused."""

from django.db import migrations

# What differs from one delivery to the next (numbers of a queue, addresses of a network) is left out, so that a cause is one row.
CAUSE = r"""
CREATE FUNCTION notifications_cause(reason text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT left(regexp_replace(reason, '\m([0-9]{1,3}\.){3}[0-9]{1,3}\M|\m(?=[0-9A-Za-z_-]*[0-9])[0-9A-Za-z_-]{6,}\M', '…', 'g'), 200)
$$;
"""

# The shard is the session: nobody waits for another's row, and no two sessions can deadlock over them.
COUNT = """
CREATE OR REPLACE FUNCTION notifications_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE mine int := pg_backend_pid(); now_caused boolean; was_caused boolean := false;
BEGIN
    IF TG_OP = 'INSERT' THEN
        now_caused := EXISTS (SELECT 1 FROM fresh WHERE state IN (CAUSED));
        INSERT INTO notifications_messagecounter AS c (message_id, channel, state, provider, shard, count, first_id, last_id)
        SELECT message_id, channel, state, provider, mine, count(*), min(id), max(id) FROM fresh GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (message_id, channel, state, provider, shard) DO UPDATE SET count = c.count + EXCLUDED.count,
            first_id = least(c.first_id, EXCLUDED.first_id), last_id = greatest(c.last_id, EXCLUDED.last_id);
    ELSE
        WITH now_there AS MATERIALIZED (
            SELECT message_id, channel, state, provider, count(*) AS n FROM fresh GROUP BY 1, 2, 3, 4
        ), was_there AS MATERIALIZED (
            SELECT message_id, channel, state, provider, count(*) AS n FROM stale GROUP BY 1, 2, 3, 4
        ), moved AS MATERIALIZED (
            SELECT message_id, channel, state, provider, sum(n) AS n FROM (
                SELECT * FROM now_there UNION ALL SELECT message_id, channel, state, provider, -n FROM was_there
            ) m GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
        ), counted AS (
            INSERT INTO notifications_messagecounter AS c (message_id, channel, state, provider, shard, count)
            SELECT message_id, channel, state, provider, mine, n FROM moved ORDER BY 1, 2, 3, 4
            ON CONFLICT (message_id, channel, state, provider, shard) DO UPDATE SET count = c.count + EXCLUDED.count
        ), paced AS (
            INSERT INTO notifications_messagepace AS p (message_id, channel, provider, slot, shard, ended, accepted)
            SELECT message_id, channel, provider, date_bin('10 seconds', clock_timestamp(), 'epoch'), mine,
                -sum(n) FILTER (WHERE state = 'sending'), coalesce(greatest(sum(n) FILTER (WHERE state = 'accepted'), 0), 0)
            FROM moved GROUP BY 1, 2, 3 HAVING sum(n) FILTER (WHERE state = 'sending') < 0 ORDER BY 1, 2, 3
            ON CONFLICT (message_id, slot, channel, provider, shard) DO UPDATE
                SET ended = p.ended + EXCLUDED.ended, accepted = p.accepted + EXCLUDED.accepted
        )
        SELECT EXISTS (SELECT 1 FROM now_there WHERE state IN (CAUSED)), EXISTS (SELECT 1 FROM was_there WHERE state IN (CAUSED))
        INTO now_caused, was_caused;
    END IF;
    IF now_caused AND NOT was_caused THEN
        INSERT INTO notifications_causecounter AS c (message_id, channel, state, cause, shard, count)
        SELECT message_id, channel, state, notifications_cause(reason), mine, count(*) FROM fresh WHERE state IN (CAUSED)
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (message_id, channel, state, cause, shard) DO UPDATE SET count = c.count + EXCLUDED.count;
    ELSIF was_caused THEN
        INSERT INTO notifications_causecounter AS c (message_id, channel, state, cause, shard, count)
        SELECT message_id, channel, state, notifications_cause(reason), mine, sum(n) FROM (
            SELECT message_id, channel, state, reason, 1 AS n FROM fresh WHERE state IN (CAUSED)
            UNION ALL SELECT message_id, channel, state, reason, -1 FROM stale WHERE state IN (CAUSED)
        ) m GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4
        ON CONFLICT (message_id, channel, state, cause, shard) DO UPDATE SET count = c.count + EXCLUDED.count;
        DELETE FROM notifications_deliveryfailure f USING fresh d WHERE f.delivery_id = d.id AND d.state NOT IN (LISTED);
    END IF;
    IF now_caused THEN
        INSERT INTO notifications_deliveryfailure AS f (delivery_id, message_id, channel, state, reason)
        SELECT id, message_id, channel, state, reason FROM fresh WHERE state IN (LISTED) ORDER BY id
        ON CONFLICT (delivery_id) DO UPDATE SET state = EXCLUDED.state, reason = EXCLUDED.reason;
    END IF;
    RETURN NULL;
END $$;
""".replace("(CAUSED)", "('bounced', 'undelivered', 'dead', 'uncertain', 'expired', 'suppressed', 'retry_wait', 'cancelled', 'superseded')").replace(
    "(LISTED)", "('bounced', 'undelivered', 'dead', 'uncertain', 'expired', 'suppressed')"
)

# Counted anew from what is there, the provider from the last attempt.
COUNTED = """
UPDATE notifications_delivery d SET provider = a.provider FROM notifications_deliveryattempt a
WHERE a.delivery_id = d.id AND a.number = d.attempt_count;
DELETE FROM notifications_messagepace;
DELETE FROM notifications_causecounter;
DELETE FROM notifications_messagecounter;
INSERT INTO notifications_messagecounter (message_id, channel, state, provider, shard, count, first_id, last_id)
SELECT message_id, channel, state, provider, 0, count(*), min(id), max(id) FROM notifications_delivery GROUP BY 1, 2, 3, 4;
INSERT INTO notifications_causecounter (message_id, channel, state, cause, shard, count)
SELECT message_id, channel, state, notifications_cause(reason), 0, count(*) FROM notifications_delivery
WHERE state IN ('bounced', 'undelivered', 'dead', 'uncertain', 'expired', 'suppressed', 'retry_wait', 'cancelled', 'superseded')
GROUP BY 1, 2, 3, 4;
INSERT INTO notifications_deliveryfailure (delivery_id, message_id, channel, state, reason)
SELECT id, message_id, channel, state, reason FROM notifications_delivery WHERE state = 'suppressed' ON CONFLICT DO NOTHING;
"""

# What is begun is refused here too, whoever forgets to ask; the lock that opening takes on the message makes the two wait for each other.
BEGUN = """
CREATE OR REPLACE FUNCTION notifications_attempt_refers() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lost boolean; messages bigint[];
BEGIN
    SELECT bool_or(d.id IS NULL), array_agg(DISTINCT d.message_id) INTO lost, messages
    FROM fresh f LEFT JOIN notifications_delivery d ON d.id = f.delivery_id;
    IF lost THEN
        RAISE EXCEPTION 'an attempt refers to a delivery that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM notifications_message m WHERE m.id = ANY(messages) AND (m.ended_as <> '' OR m.paused_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'nothing is begun of a message that is paused or has ended'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notifications_nothing_begun_of_what_rests';
    END IF;
    RETURN NULL;
END $$;
"""

STAYS = """
CREATE FUNCTION notifications_message_end_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a message that was cancelled or superseded stays so'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notifications_message_end_stays';
END $$;
CREATE TRIGGER notifications_message_end_stays BEFORE UPDATE ON notifications_message FOR EACH ROW
    WHEN (OLD.ended_as <> '' AND (OLD.ended_as, OLD.ended_reason, OLD.ended_at, OLD.ended_by_id)
        IS DISTINCT FROM (NEW.ended_as, NEW.ended_reason, NEW.ended_at, NEW.ended_by_id))
    EXECUTE FUNCTION notifications_message_end_stays();
ALTER TABLE notifications_message ENABLE ALWAYS TRIGGER notifications_message_end_stays;

CREATE FUNCTION notifications_delivery_end_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a delivery that was cancelled or superseded stays so'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notifications_delivery_end_stays';
END $$;
CREATE TRIGGER notifications_delivery_end_stays BEFORE UPDATE ON notifications_delivery FOR EACH ROW
    WHEN (OLD.state IN ('cancelled', 'superseded') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION notifications_delivery_end_stays();
ALTER TABLE notifications_delivery ENABLE ALWAYS TRIGGER notifications_delivery_end_stays;

CREATE FUNCTION notifications_keep_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'messages are kept: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notifications_message_no_truncate';
END $$;
CREATE TRIGGER notifications_message_no_truncate BEFORE TRUNCATE ON notifications_message
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_keep_messages();
ALTER TABLE notifications_message ENABLE ALWAYS TRIGGER notifications_message_no_truncate;
"""
STAYS_NOT = """
DROP TRIGGER notifications_message_end_stays ON notifications_message; DROP FUNCTION notifications_message_end_stays();
DROP TRIGGER notifications_delivery_end_stays ON notifications_delivery; DROP FUNCTION notifications_delivery_end_stays();
DROP TRIGGER notifications_message_no_truncate ON notifications_message; DROP FUNCTION notifications_keep_messages();
"""
STORED = """
ALTER TABLE notifications_messagepace SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE notifications_causecounter SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0014_counted_by_provider_and_cause")]
    operations = [
        migrations.RunSQL(CAUSE, "DROP FUNCTION notifications_cause(text);"),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
        migrations.RunSQL(BEGUN, migrations.RunSQL.noop),
        migrations.RunSQL(STAYS, STAYS_NOT),
        migrations.RunSQL(STORED, migrations.RunSQL.noop),
    ]
