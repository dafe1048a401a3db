"""Triggers: stops, complaints, bounces and opt-outs hold for an address, whichever entry has it and by whatever road it comes in.

`stakeholders_stoppedaddress` says which addresses; what it says is written on every contact point, where sending reads it. It is looked at whenever a contact
point is made or its suppression changes, so that neither bringing back nor confirming lifts it; taking its row away does.
"""

from django.db import migrations

SUPPRESSION = """
CREATE FUNCTION stakeholders_suppression_rank(kind text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'stop' THEN 4 WHEN 'complaint' THEN 4 WHEN 'bounce' THEN 3 WHEN 'unconfirmed' THEN 2 WHEN 'operator' THEN 1 ELSE 0 END
$$;

CREATE FUNCTION stakeholders_keep_stopped() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    s record;
BEGIN
    SELECT because, reason, at INTO s FROM stakeholders_stoppedaddress WHERE kind = NEW.kind AND address = lower(NEW.address);
    IF FOUND AND stakeholders_suppression_rank(s.because) >= stakeholders_suppression_rank(NEW.suppression_kind) THEN
        IF NEW.suppression_kind = 'operator' AND NEW.suppression_reason <> 'Removed from the register.' THEN
            NEW.operator_reason := NEW.suppression_reason;
        END IF;
        NEW.suppressed_at := s.at;
        NEW.suppression_kind := s.because;
        NEW.suppression_reason := s.reason;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stakeholders_keep_stopped
    BEFORE INSERT OR UPDATE OF kind, address, suppressed_at, suppression_kind, suppression_reason, removed_at ON stakeholders_contactpoint
    FOR EACH ROW EXECUTE FUNCTION stakeholders_keep_stopped();

CREATE FUNCTION stakeholders_stop_for_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM stakeholders_stoppedaddress s
        WHERE s.kind = NEW.kind AND s.address = lower(NEW.address) AND s.because = NEW.suppression_kind
    ) THEN
        RETURN NULL;
    END IF;
    INSERT INTO stakeholders_stoppedaddress AS s (kind, address, because, reason, at)
    VALUES (NEW.kind, lower(NEW.address), NEW.suppression_kind, NEW.suppression_reason, NEW.suppressed_at)
    ON CONFLICT (kind, address) DO UPDATE SET because = EXCLUDED.because, reason = EXCLUDED.reason, at = EXCLUDED.at
    WHERE stakeholders_suppression_rank(EXCLUDED.because) > stakeholders_suppression_rank(s.because);
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_stop_for_address AFTER INSERT OR UPDATE OF kind, address, suppression_kind ON stakeholders_contactpoint
    FOR EACH ROW WHEN (NEW.suppression_kind IN ('stop', 'complaint', 'bounce')) EXECUTE FUNCTION stakeholders_stop_for_address();

-- The assignment only wakes the trigger above.
CREATE FUNCTION stakeholders_stop_every_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stakeholders_contactpoint p SET suppressed_at = p.suppressed_at
    WHERE p.kind = NEW.kind AND lower(p.address) = NEW.address AND p.suppression_kind <> NEW.because;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_stop_every_entry AFTER INSERT OR UPDATE ON stakeholders_stoppedaddress
    FOR EACH ROW EXECUTE FUNCTION stakeholders_stop_every_entry();

CREATE FUNCTION stakeholders_use_every_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stakeholders_contactpoint p
    SET suppressed_at = CASE WHEN p.removed_at IS NOT NULL OR p.operator_reason <> '' THEN coalesce(p.removed_at, p.suppressed_at) END,
        suppression_kind = CASE WHEN p.removed_at IS NOT NULL OR p.operator_reason <> '' THEN 'operator' ELSE '' END,
        suppression_reason = CASE WHEN p.operator_reason <> '' THEN p.operator_reason
            WHEN p.removed_at IS NOT NULL THEN 'Removed from the register.' ELSE '' END,
        operator_reason = '', soft_bounces = 0, bad_since = NULL
    WHERE p.kind = OLD.kind AND lower(p.address) = OLD.address AND p.suppression_kind IN ('stop', 'complaint', 'bounce');
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_use_every_entry AFTER DELETE ON stakeholders_stoppedaddress
    FOR EACH ROW EXECUTE FUNCTION stakeholders_use_every_entry();
"""

# Whoever opts out waits for those who register, and the other way round, so that neither passes the other by: one lock for all, shared by
# those who register (a lock for each address would fill the table of locks). Opt-outs made by these triggers have it already.
OPT_OUTS = """
CREATE FUNCTION stakeholders_opt_out_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('stakeholders_opt_out_alone'));
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_opt_out_alone BEFORE INSERT ON stakeholders_optout
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stakeholders_opt_out_alone();

CREATE FUNCTION stakeholders_point_beside_opt_outs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('stakeholders_opt_out_alone'));
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_point_beside_opt_outs BEFORE INSERT ON stakeholders_contactpoint
    FOR EACH STATEMENT EXECUTE FUNCTION stakeholders_point_beside_opt_outs();

CREATE FUNCTION stakeholders_opt_out_every_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stakeholders_optout (contact_point_id, audience_id, at, source)
    SELECT p.id, NEW.audience_id, NEW.at, NEW.source
    FROM stakeholders_contactpoint me
    JOIN stakeholders_contactpoint p ON p.kind = me.kind AND lower(p.address) = lower(me.address) AND p.id <> me.id
    WHERE me.id = NEW.contact_point_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_opt_out_every_entry AFTER INSERT ON stakeholders_optout
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stakeholders_opt_out_every_entry();

CREATE FUNCTION stakeholders_opt_out_inherited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stakeholders_optout (contact_point_id, audience_id, at, source)
    SELECT DISTINCT ON (f.id, o.audience_id) f.id, o.audience_id, o.at, o.source
    FROM fresh f
    JOIN stakeholders_contactpoint p ON p.kind = f.kind AND lower(p.address) = lower(f.address) AND p.id <> f.id
    JOIN stakeholders_optout o ON o.contact_point_id = p.id
    ORDER BY f.id, o.audience_id, o.at
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER stakeholders_opt_out_inherited AFTER INSERT ON stakeholders_contactpoint
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION stakeholders_opt_out_inherited();
"""

ALWAYS = """
ALTER TABLE stakeholders_optout ENABLE ALWAYS TRIGGER stakeholders_opt_out_alone;
ALTER TABLE stakeholders_contactpoint ENABLE ALWAYS TRIGGER stakeholders_point_beside_opt_outs;
ALTER TABLE stakeholders_contactpoint ENABLE ALWAYS TRIGGER stakeholders_keep_stopped;
ALTER TABLE stakeholders_contactpoint ENABLE ALWAYS TRIGGER stakeholders_stop_for_address;
ALTER TABLE stakeholders_stoppedaddress ENABLE ALWAYS TRIGGER stakeholders_stop_every_entry;
ALTER TABLE stakeholders_stoppedaddress ENABLE ALWAYS TRIGGER stakeholders_use_every_entry;
ALTER TABLE stakeholders_optout ENABLE ALWAYS TRIGGER stakeholders_opt_out_every_entry;
ALTER TABLE stakeholders_contactpoint ENABLE ALWAYS TRIGGER stakeholders_opt_out_inherited;
"""

# What stands already, of each address the strongest and of those the first; then every entry has it.
SETTLE = """
INSERT INTO stakeholders_stoppedaddress (kind, address, because, reason, at)
SELECT DISTINCT ON (kind, lower(address)) kind, lower(address), suppression_kind, suppression_reason, suppressed_at
FROM stakeholders_contactpoint WHERE suppression_kind IN ('stop', 'complaint', 'bounce')
ORDER BY kind, lower(address), stakeholders_suppression_rank(suppression_kind) DESC, suppressed_at;
INSERT INTO stakeholders_optout (contact_point_id, audience_id, at, source)
SELECT p.id, o.audience_id, min(o.at), min(o.source)
FROM stakeholders_optout o JOIN stakeholders_contactpoint me ON me.id = o.contact_point_id
JOIN stakeholders_contactpoint p ON p.kind = me.kind AND lower(p.address) = lower(me.address) AND p.id <> me.id
GROUP BY p.id, o.audience_id ON CONFLICT DO NOTHING;
SET CONSTRAINTS ALL IMMEDIATE;
"""

RELEASE = """
DROP TRIGGER stakeholders_opt_out_inherited ON stakeholders_contactpoint;
DROP TRIGGER stakeholders_opt_out_every_entry ON stakeholders_optout;
DROP TRIGGER stakeholders_point_beside_opt_outs ON stakeholders_contactpoint;
DROP TRIGGER stakeholders_opt_out_alone ON stakeholders_optout;
DROP TRIGGER stakeholders_use_every_entry ON stakeholders_stoppedaddress;
DROP TRIGGER stakeholders_stop_every_entry ON stakeholders_stoppedaddress;
DROP TRIGGER stakeholders_stop_for_address ON stakeholders_contactpoint;
DROP TRIGGER stakeholders_keep_stopped ON stakeholders_contactpoint;
DROP FUNCTION stakeholders_opt_out_inherited();
DROP FUNCTION stakeholders_opt_out_every_entry();
DROP FUNCTION stakeholders_point_beside_opt_outs();
DROP FUNCTION stakeholders_opt_out_alone();
DROP FUNCTION stakeholders_use_every_entry();
DROP FUNCTION stakeholders_stop_every_entry();
DROP FUNCTION stakeholders_stop_for_address();
DROP FUNCTION stakeholders_keep_stopped();
DROP FUNCTION stakeholders_suppression_rank(text);
"""


class Migration(migrations.Migration):
    dependencies = [("stakeholders", "0012_stopped_addresses")]
    operations = [
        # Rows changed and triggers made in one transaction: the foreign keys' pending checks come first.
        migrations.RunSQL(SUPPRESSION, migrations.RunSQL.noop),
        migrations.RunSQL(SETTLE, migrations.RunSQL.noop),
        migrations.RunSQL(OPT_OUTS + ALWAYS, RELEASE),
    ]
