"""What the database holds of the queue: names of deliveries, counters, references checked once per statement, what is open in runs."""

from django.db import migrations

KEY = """
CREATE FUNCTION notifications_delivery_key(message text, recipient text, purpose text) RETURNS uuid
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT overlay(overlay(
        left(encode(sha256(convert_to(message || '/' || recipient || '/' || purpose, 'UTF8')), 'hex'), 32)
        placing '8' from 13) placing '8' from 17)::uuid
$$;
"""
KEY_GONE = "DROP FUNCTION notifications_delivery_key(text, text, text);"

# One row per message, channel, state and session: nobody waits for another's row, and no two sessions can deadlock over them.
COUNT = """
CREATE FUNCTION notifications_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO notifications_messagecounter AS c (message_id, channel, state, shard, count)
        SELECT message_id, channel, state, pg_backend_pid(), count(*) FROM fresh GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (message_id, channel, state, shard) DO UPDATE SET count = c.count + EXCLUDED.count;
    ELSE
        INSERT INTO notifications_messagecounter AS c (message_id, channel, state, shard, count)
        SELECT message_id, channel, state, pg_backend_pid(), sum(n) FROM (
            SELECT message_id, channel, state, 1 AS n FROM fresh UNION ALL SELECT message_id, channel, state, -1 FROM stale
        ) moved GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (message_id, channel, state, shard) DO UPDATE SET count = c.count + EXCLUDED.count;
        IF EXISTS (SELECT 1 FROM stale WHERE state IN (FAILED)) THEN
            DELETE FROM notifications_deliveryfailure f USING fresh d WHERE f.delivery_id = d.id AND d.state NOT IN (FAILED);
        END IF;
    END IF;
    IF EXISTS (SELECT 1 FROM fresh WHERE state IN (FAILED)) THEN
        INSERT INTO notifications_deliveryfailure AS f (delivery_id, message_id, channel, state, reason)
        SELECT id, message_id, channel, state, reason FROM fresh WHERE state IN (FAILED) ORDER BY id
        ON CONFLICT (delivery_id) DO UPDATE SET state = EXCLUDED.state, reason = EXCLUDED.reason;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER notifications_delivery_counted_in AFTER INSERT ON notifications_delivery
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION notifications_count();
CREATE TRIGGER notifications_delivery_counted AFTER UPDATE ON notifications_delivery
    REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION notifications_count();
ALTER TABLE notifications_delivery ENABLE ALWAYS TRIGGER notifications_delivery_counted_in;
ALTER TABLE notifications_delivery ENABLE ALWAYS TRIGGER notifications_delivery_counted;
INSERT INTO notifications_messagecounter (message_id, channel, state, shard, count)
SELECT message_id, channel, state, 0, count(*) FROM notifications_delivery GROUP BY 1, 2, 3;
INSERT INTO notifications_deliveryfailure (delivery_id, message_id, channel, state, reason)
SELECT id, message_id, channel, state, reason FROM notifications_delivery WHERE state IN (FAILED);
""".replace("(FAILED)", "('bounced', 'undelivered', 'dead', 'uncertain', 'expired', 'suppressed')")
COUNT_GONE = """
DROP TRIGGER notifications_delivery_counted_in ON notifications_delivery;
DROP TRIGGER notifications_delivery_counted ON notifications_delivery;
DROP FUNCTION notifications_count();
"""

# Their plans are made once a session, when the tables may be empty, and kept: they are held to the indexes, whatever the size.
REFERENCES = """
CREATE FUNCTION notifications_delivery_refers() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT message_id AS id FROM fresh) f
               WHERE NOT EXISTS (SELECT 1 FROM notifications_message m WHERE m.id = f.id))
    OR EXISTS (SELECT 1 FROM fresh f LEFT JOIN stakeholders_contactpoint c ON c.id = f.contact_point_id
               WHERE f.contact_point_id IS NOT NULL AND c.id IS NULL)
    OR EXISTS (SELECT 1 FROM (SELECT DISTINCT user_id AS id FROM fresh WHERE user_id IS NOT NULL) f
               WHERE NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = f.id))
    OR EXISTS (SELECT 1 FROM (SELECT DISTINCT audience_id AS id FROM fresh WHERE audience_id IS NOT NULL) f
               WHERE NOT EXISTS (SELECT 1 FROM stakeholders_audience a WHERE a.id = f.id))
    OR EXISTS (SELECT 1 FROM (SELECT fallback_of_id AS id FROM fresh WHERE fallback_of_id IS NOT NULL) f
               WHERE NOT EXISTS (SELECT 1 FROM notifications_delivery d WHERE d.id = f.id)) THEN
        RAISE EXCEPTION 'a delivery refers to what does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER notifications_delivery_refers AFTER INSERT ON notifications_delivery
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION notifications_delivery_refers();

CREATE FUNCTION notifications_attempt_refers() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh f LEFT JOIN notifications_delivery d ON d.id = f.delivery_id WHERE d.id IS NULL) THEN
        RAISE EXCEPTION 'an attempt refers to a delivery that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER notifications_attempt_refers AFTER INSERT ON notifications_deliveryattempt
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION notifications_attempt_refers();

CREATE FUNCTION notifications_outcome_refers() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh f LEFT JOIN notifications_deliveryattempt a ON a.id = f.attempt_id WHERE a.id IS NULL) THEN
        RAISE EXCEPTION 'an outcome refers to an attempt that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER notifications_outcome_refers AFTER INSERT ON notifications_attemptoutcome
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION notifications_outcome_refers();

CREATE FUNCTION notifications_referred_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM gone g JOIN notifications_delivery d ON d.%I = g.id)', TG_ARGV[0]) INTO found;
    IF found THEN
        RAISE EXCEPTION 'deliveries refer to what is to be deleted' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
ALTER TABLE notifications_delivery ENABLE ALWAYS TRIGGER notifications_delivery_refers;
ALTER TABLE notifications_deliveryattempt ENABLE ALWAYS TRIGGER notifications_attempt_refers;
ALTER TABLE notifications_attemptoutcome ENABLE ALWAYS TRIGGER notifications_outcome_refers;
"""
REFERRED = {
    "notifications_message": ("message", "message_id"),
    "stakeholders_contactpoint": ("contact", "contact_point_id"),
    "stakeholders_audience": ("audience", "audience_id"),
    "accounts_user": ("user", "user_id"),
}
STAYS = "".join(
    f"""
CREATE TRIGGER notifications_referred_{name}_stays AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION notifications_referred_stays('{column}');
ALTER TABLE {table} ENABLE ALWAYS TRIGGER notifications_referred_{name}_stays;
"""
    for table, (name, column) in REFERRED.items()
)
REFERENCES_GONE = (
    "".join(f"DROP TRIGGER notifications_referred_{name}_stays ON {table};" for table, (name, _) in REFERRED.items())
    + """
DROP FUNCTION notifications_referred_stays();
DROP TRIGGER notifications_outcome_refers ON notifications_attemptoutcome; DROP FUNCTION notifications_outcome_refers();
DROP TRIGGER notifications_attempt_refers ON notifications_deliveryattempt; DROP FUNCTION notifications_attempt_refers();
DROP TRIGGER notifications_delivery_refers ON notifications_delivery; DROP FUNCTION notifications_delivery_refers();
"""
)

KEPT = """
CREATE FUNCTION notifications_keep_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'deliveries are kept: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER notifications_delivery_kept BEFORE DELETE ON notifications_delivery
    FOR EACH ROW EXECUTE FUNCTION notifications_keep_delivery();
CREATE TRIGGER notifications_delivery_no_truncate BEFORE TRUNCATE ON notifications_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_keep_delivery();
ALTER TABLE notifications_delivery ENABLE ALWAYS TRIGGER notifications_delivery_kept;
ALTER TABLE notifications_delivery ENABLE ALWAYS TRIGGER notifications_delivery_no_truncate;
"""
KEPT_GONE = """
DROP TRIGGER notifications_delivery_kept ON notifications_delivery;
DROP TRIGGER notifications_delivery_no_truncate ON notifications_delivery;
DROP FUNCTION notifications_keep_delivery();
"""

# Room on each page for a row's next version, and a queue that is cleared up often: docs/decisions/0036.
STORED = """
ALTER TABLE notifications_delivery SET (fillfactor = 50);
ALTER TABLE notifications_deliveryrun SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE notifications_messagecounter SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
"""
STORED_NOT = """
ALTER TABLE notifications_delivery RESET (fillfactor);
ALTER TABLE notifications_deliveryrun RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE notifications_messagecounter RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""

# What was on its way: waiting deliveries in runs that are due, those being sent in runs whose lease is over.
TAKEN_IN = """
INSERT INTO notifications_deliveryrun (message_id, channel, lane, first_id, next_id, last_id, size, due_at, fence, lease_until)
SELECT message_id, channel, lane, min(id), CASE WHEN sent THEN max(id) + 1 ELSE min(id) END, max(id), count(*),
    clock_timestamp(), 0, CASE WHEN sent THEN clock_timestamp() END
FROM (SELECT *, state = 'sending' AS sent FROM notifications_delivery WHERE closed_at IS NULL) d GROUP BY message_id, channel, lane, sent;
UPDATE notifications_delivery d SET run_id = r.id FROM notifications_deliveryrun r
WHERE d.closed_at IS NULL AND d.message_id = r.message_id AND d.channel = r.channel AND d.lane = r.lane
    AND d.id BETWEEN r.first_id AND r.last_id AND (d.state = 'sending') = (r.lease_until IS NOT NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0008_runs_and_plans")]
    operations = [
        migrations.RunSQL(KEY, KEY_GONE),
        migrations.RunSQL(STORED, STORED_NOT),
        migrations.RunSQL(TAKEN_IN, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT, COUNT_GONE),
        migrations.RunSQL(REFERENCES + STAYS, REFERENCES_GONE),
        migrations.RunSQL(KEPT, KEPT_GONE),
    ]
