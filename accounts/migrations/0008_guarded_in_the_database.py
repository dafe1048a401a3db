"""One human stays one person, and training is evidence: held by the database whatever the program does.

Each refusal names a stable constraint. ENABLE ALWAYS: replication settings do not switch the triggers off.
"""

from django.db import migrations

GUARD = r"""
-- The form in which addresses of one person are equal; accounts/rules/mailboxes.py says more.
CREATE FUNCTION accounts_mailbox(address text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN address ~ '^[^+@][^@]*@[^@]+$'
        THEN regexp_replace(lower(address), '^([^+@]+)[^@]*@', '\1@') END
$$;
CREATE INDEX accounts_user_mailbox ON accounts_user (accounts_mailbox(email));

-- Accounts that share a mailbox already are one person from now on: the oldest account's.
UPDATE accounts_user u SET person = first.person
FROM (
    SELECT accounts_mailbox(email) AS mailbox, (array_agg(person ORDER BY date_joined, id))[1] AS person
    FROM accounts_user GROUP BY 1 HAVING count(*) > 1
) first
WHERE accounts_mailbox(u.email) = first.mailbox;

CREATE FUNCTION accounts_check_mailbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM accounts_user mine JOIN accounts_user other ON accounts_mailbox(other.email) = accounts_mailbox(mine.email)
        WHERE mine.id = NEW.id AND other.person <> mine.person)
    THEN
        RAISE EXCEPTION 'accounts with one mailbox are one person'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounts_one_mailbox_one_person';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_one_mailbox_one_person AFTER INSERT OR UPDATE OF email, person ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_check_mailbox();

CREATE FUNCTION accounts_check_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM accounts_user mine, accounts_ssosubject s JOIN accounts_user other ON other.id = s.user_id
        WHERE mine.id = NEW.user_id AND (s.issuer, s.subject) = (NEW.issuer, NEW.subject) AND other.person <> mine.person)
    THEN
        RAISE EXCEPTION 'accounts with one subject of one identity provider are one person'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounts_one_subject_one_person';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_one_subject_one_person AFTER INSERT OR UPDATE ON accounts_ssosubject
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_check_subject();

-- Accounts that were once one person are so for ever: else an author could part them and approve from the other.
CREATE FUNCTION accounts_check_never_split() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.person <> OLD.person AND EXISTS (SELECT 1 FROM accounts_user WHERE person = OLD.person) THEN
        RAISE EXCEPTION 'accounts of one person are never parted'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounts_person_never_split';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_person_never_split AFTER UPDATE OF person ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_check_never_split();

CREATE FUNCTION accounts_check_training_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
        AND (NEW.id, NEW.user_id, NEW.duty, NEW.source, NEW.at, NEW.valid_until, NEW.note, NEW.reference, NEW.recorded_by_id)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.user_id, OLD.duty, OLD.source, OLD.at, OLD.valid_until, OLD.note, OLD.reference, OLD.recorded_by_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a training record is never changed, only withdrawn, once: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounts_training_kept';
END $$;
CREATE TRIGGER accounts_training_kept BEFORE UPDATE OR DELETE ON accounts_trainingrecord
    FOR EACH ROW EXECUTE FUNCTION accounts_check_training_kept();
CREATE TRIGGER accounts_training_no_truncate BEFORE TRUNCATE ON accounts_trainingrecord
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_check_training_kept();

CREATE FUNCTION accounts_check_trainer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM accounts_user trained, accounts_user trainer
        WHERE trained.id = NEW.user_id AND trainer.id = NEW.recorded_by_id AND trained.person = trainer.person)
    THEN
        RAISE EXCEPTION 'nobody records their own training'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounts_training_not_by_oneself';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_training_not_by_oneself BEFORE INSERT ON accounts_trainingrecord
    FOR EACH ROW EXECUTE FUNCTION accounts_check_trainer();

ALTER TABLE accounts_user ENABLE ALWAYS TRIGGER accounts_one_mailbox_one_person;
ALTER TABLE accounts_user ENABLE ALWAYS TRIGGER accounts_person_never_split;
ALTER TABLE accounts_ssosubject ENABLE ALWAYS TRIGGER accounts_one_subject_one_person;
ALTER TABLE accounts_trainingrecord ENABLE ALWAYS TRIGGER accounts_training_kept;
ALTER TABLE accounts_trainingrecord ENABLE ALWAYS TRIGGER accounts_training_no_truncate;
ALTER TABLE accounts_trainingrecord ENABLE ALWAYS TRIGGER accounts_training_not_by_oneself;
"""

RELEASE = """
DROP TRIGGER accounts_training_not_by_oneself ON accounts_trainingrecord;
DROP TRIGGER accounts_training_no_truncate ON accounts_trainingrecord;
DROP TRIGGER accounts_training_kept ON accounts_trainingrecord;
DROP TRIGGER accounts_one_subject_one_person ON accounts_ssosubject;
DROP TRIGGER accounts_person_never_split ON accounts_user;
DROP TRIGGER accounts_one_mailbox_one_person ON accounts_user;
DROP INDEX accounts_user_mailbox;
DROP FUNCTION accounts_check_trainer();
DROP FUNCTION accounts_check_training_kept();
DROP FUNCTION accounts_check_never_split();
DROP FUNCTION accounts_check_subject();
DROP FUNCTION accounts_check_mailbox();
DROP FUNCTION accounts_mailbox(text);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_roster")]
    operations = [migrations.RunSQL(GUARD, RELEASE)]
