"""The rule set the product ships with, which adds nothing to the shipped rules; and triggers that keep past versions as they were."""

from django.db import migrations
from django.utils import timezone

PROTECT = """
CREATE FUNCTION screening_rule_set_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'versions of the screening rule set are kept' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'draft' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired') OR NEW.number <> OLD.number
       OR NEW.document <> OLD.document THEN
        RAISE EXCEPTION 'version % of the screening rule set has been in force and is kept as it was', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER screening_rule_set_kept BEFORE UPDATE OR DELETE ON screening_rulesetversion
    FOR EACH ROW EXECUTE FUNCTION screening_rule_set_refuse();
CREATE TRIGGER screening_rule_set_no_truncate BEFORE TRUNCATE ON screening_rulesetversion
    FOR EACH STATEMENT EXECUTE FUNCTION screening_rule_set_refuse();
-- Rows were just made; a table with pending checks of foreign keys cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE screening_rulesetversion ENABLE ALWAYS TRIGGER screening_rule_set_kept;
ALTER TABLE screening_rulesetversion ENABLE ALWAYS TRIGGER screening_rule_set_no_truncate;
"""

RELEASE = """
DROP TRIGGER screening_rule_set_kept ON screening_rulesetversion;
DROP TRIGGER screening_rule_set_no_truncate ON screening_rulesetversion;
DROP FUNCTION screening_rule_set_refuse();
"""


def ship(apps, schema_editor):
    now = timezone.now()
    apps.get_model("screening", "RuleSetVersion").objects.create(
        number=1,
        state="active",
        document={"terms": [], "allow": {"suffixes": [], "ranges": [], "terms": []}},
        note="The rules as shipped.",
        created_at=now,
        activated_at=now,
    )


def take_back(apps, schema_editor):
    apps.get_model("screening", "RuleSetVersion").objects.filter(number=1, created_by=None).delete()


class Migration(migrations.Migration):
    dependencies = [("screening", "0001_initial")]
    operations = [migrations.RunPython(ship, take_back), migrations.RunSQL(PROTECT, RELEASE)]
