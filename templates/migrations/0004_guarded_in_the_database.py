"""Keys for the templates there are, and what of rules and holding statements is never changed.

Each refusal names a stable constraint. ENABLE ALWAYS: replication settings do not switch the triggers off.
"""

from django.db import migrations, models

GUARD = """
CREATE TRIGGER templates_ruleset_no_change BEFORE UPDATE OR DELETE ON templates_templateruleset
    FOR EACH ROW EXECUTE FUNCTION templates_version_refuse();
CREATE TRIGGER templates_rule_no_change BEFORE UPDATE OR DELETE ON templates_templaterule
    FOR EACH ROW EXECUTE FUNCTION templates_version_refuse();

CREATE FUNCTION templates_holding_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER templates_holding_contributor_kept BEFORE UPDATE OR DELETE ON templates_holdingcontributor
    FOR EACH ROW EXECUTE FUNCTION templates_holding_refuse();
CREATE TRIGGER templates_holding_contributor_no_truncate BEFORE TRUNCATE ON templates_holdingcontributor
    FOR EACH STATEMENT EXECUTE FUNCTION templates_holding_refuse();

CREATE FUNCTION templates_check_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.id, NEW.public_id, NEW.key, NEW.scenario, NEW.audience_key, NEW.language)
            IS DISTINCT FROM (OLD.id, OLD.public_id, OLD.key, OLD.scenario, OLD.audience_key, OLD.language)
    THEN
        RAISE EXCEPTION 'a holding statement keeps its scenario, audience and language: its approvals cover them'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'templates_holding_keeps_place';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER templates_holding_keeps_place BEFORE UPDATE OR DELETE ON templates_holdingstatement
    FOR EACH ROW EXECUTE FUNCTION templates_check_statement();

CREATE FUNCTION templates_check_holding_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a version of a holding statement begins as a draft'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'templates_holding_begins_as_draft';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE'
        OR (NEW.id, NEW.statement_id, NEW.number, NEW.title, NEW.body, NEW.content_hash, NEW.author_id, NEW.created_at) IS DISTINCT FROM
            (OLD.id, OLD.statement_id, OLD.number, OLD.title, OLD.body, OLD.content_hash, OLD.author_id, OLD.created_at)
        OR (OLD.expiry_told_at IS NOT NULL AND NEW.expiry_told_at IS DISTINCT FROM OLD.expiry_told_at)
        OR ((NEW.requested_at, NEW.expires_at) IS DISTINCT FROM (OLD.requested_at, OLD.expires_at)
            AND NOT (OLD.state = 'draft' AND NEW.state = 'in_review'))
    THEN
        RAISE EXCEPTION 'a version of a holding statement keeps its words, and its expiry once review is asked for'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'templates_holding_no_change';
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        (OLD.state = 'draft' AND NEW.state IN ('in_review', 'retired'))
        OR (OLD.state = 'in_review' AND NEW.state IN ('draft', 'approved', 'retired'))
        OR (OLD.state = 'approved' AND NEW.state = 'retired')
    ) THEN
        RAISE EXCEPTION 'a version of a holding statement cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'templates_holding_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER templates_holding_no_change BEFORE INSERT OR UPDATE OR DELETE ON templates_holdingstatementversion
    FOR EACH ROW EXECUTE FUNCTION templates_check_holding_version();
CREATE TRIGGER templates_holding_no_truncate BEFORE TRUNCATE ON templates_holdingstatementversion
    FOR EACH STATEMENT EXECUTE FUNCTION templates_holding_refuse();

ALTER TABLE templates_templateruleset ENABLE ALWAYS TRIGGER templates_ruleset_no_change;
ALTER TABLE templates_templaterule ENABLE ALWAYS TRIGGER templates_rule_no_change;
ALTER TABLE templates_holdingcontributor ENABLE ALWAYS TRIGGER templates_holding_contributor_kept;
ALTER TABLE templates_holdingcontributor ENABLE ALWAYS TRIGGER templates_holding_contributor_no_truncate;
ALTER TABLE templates_holdingstatement ENABLE ALWAYS TRIGGER templates_holding_keeps_place;
ALTER TABLE templates_holdingstatementversion ENABLE ALWAYS TRIGGER templates_holding_no_change;
ALTER TABLE templates_holdingstatementversion ENABLE ALWAYS TRIGGER templates_holding_no_truncate;
"""

UNGUARD = """
DROP TRIGGER templates_holding_no_truncate ON templates_holdingstatementversion;
DROP TRIGGER templates_holding_no_change ON templates_holdingstatementversion;
DROP FUNCTION templates_check_holding_version();
DROP TRIGGER templates_holding_keeps_place ON templates_holdingstatement;
DROP FUNCTION templates_check_statement();
DROP TRIGGER templates_holding_contributor_no_truncate ON templates_holdingcontributor;
DROP TRIGGER templates_holding_contributor_kept ON templates_holdingcontributor;
DROP FUNCTION templates_holding_refuse();
DROP TRIGGER templates_rule_no_change ON templates_templaterule;
DROP TRIGGER templates_ruleset_no_change ON templates_templateruleset;
"""


def give_keys(apps, schema_editor):
    """`network-investigating-customers`; a retired template whose place was taken again gets its public id behind it."""
    taken = set()
    for template in apps.get_model("templates", "UpdateTemplate").objects.order_by("-retired_at", "id"):
        key = f"{template.category or 'any'}-{template.status}-{template.audience_key}".replace("_", "-").lower()[:64]
        if key in taken or template.retired_at is not None:
            key = f"{key[:51]}-{template.public_id}".lower()
        taken.add(key)
        template.key = key
        template.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [("templates", "0003_rules_and_holding_statements")]
    operations = [
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField("updatetemplate", "key", models.SlugField(max_length=64, unique=True)),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
