"""The policy the product ships with, in force until somebody activates another; and triggers that keep past versions as they were."""

from django.db import migrations
from django.utils import timezone


def reviews(minutes):
    return [{"kind": "technical", "window_minutes": minutes}, {"kind": "communications", "window_minutes": minutes}]


def then(outcome, audiences, window, cadence=(), publishes_watching=False):
    return {
        "outcome": outcome,
        "cadence": dict(zip(("investigating", "identified", "monitoring"), cadence)),
        "reviews": reviews(window),
        "audiences": list(audiences),
        "publishes_watching": publishes_watching,
    }


EVERYONE = ("customers", "internal")
RULES = [
    {
        "key": "customer-sev1",
        "words": "Customer-facing SEV1: updates are required every 15 minutes while investigating, "
        "every 30 once the cause is identified and every 60 while monitoring.",
        "when": {"severity": ["SEV1"], "stage": ["confirmed"], "customer_facing": True},
        "then": then("required", EVERYONE, 15, (15, 30, 60)),
    },
    {
        "key": "customer-sev2",
        "words": "Customer-facing SEV2: updates are required every 30 minutes while investigating, "
        "every 60 once the cause is identified and every 120 while monitoring.",
        "when": {"severity": ["SEV2"], "stage": ["confirmed"], "customer_facing": True},
        "then": then("required", EVERYONE, 15, (30, 60, 120)),
    },
    {
        "key": "customer-sev3",
        "words": "Customer-facing SEV3: updates are optional. If you publish one, the next is due after 60 minutes while investigating, "
        "120 once the cause is identified and 240 while monitoring.",
        "when": {"severity": ["SEV3"], "stage": ["confirmed"], "customer_facing": True},
        "then": then("optional", EVERYONE, 30, (60, 120, 240)),
    },
    {
        "key": "watching",
        "words": "Watching, not yet confirmed: updates are optional and for colleagues only. Nothing is published.",
        "when": {"stage": ["watching"]},
        "then": then("optional", ("internal",), 30),
    },
    {
        "key": "internal-only",
        "words": "Customers are not affected: updates are optional and for colleagues only.",
        "when": {"customer_facing": False},
        "then": then("optional", ("internal",), 30),
    },
    {
        "key": "otherwise",
        "words": "None of the rules above applies: no formal updates are due.",
        "when": {},
        "then": then("none", EVERYONE, 30),
    },
]

PROTECT = """
CREATE FUNCTION policies_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'versions of the policy are kept' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'draft' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired') OR NEW.number <> OLD.number
       OR NEW.rules <> OLD.rules THEN
        RAISE EXCEPTION 'version % of the policy has been in force and is kept as it was', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policies_version_kept BEFORE UPDATE OR DELETE ON policies_policyversion
    FOR EACH ROW EXECUTE FUNCTION policies_version_refuse();
CREATE TRIGGER policies_version_no_truncate BEFORE TRUNCATE ON policies_policyversion
    FOR EACH STATEMENT EXECUTE FUNCTION policies_version_refuse();
-- Rows were just made; a table with pending checks of foreign keys cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE policies_policyversion ENABLE ALWAYS TRIGGER policies_version_kept;
ALTER TABLE policies_policyversion ENABLE ALWAYS TRIGGER policies_version_no_truncate;
"""

RELEASE = """
DROP TRIGGER policies_version_kept ON policies_policyversion;
DROP TRIGGER policies_version_no_truncate ON policies_policyversion;
DROP FUNCTION policies_version_refuse();
"""


def ship(apps, schema_editor):
    now = timezone.now()
    apps.get_model("policies", "PolicyVersion").objects.create(
        number=1, state="active", rules=RULES, note="The policy as shipped.", created_at=now, activated_at=now
    )


def take_back(apps, schema_editor):
    apps.get_model("policies", "PolicyVersion").objects.filter(number=1, created_by=None).delete()


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]
    operations = [migrations.RunPython(ship, take_back), migrations.RunSQL(PROTECT, RELEASE)]
