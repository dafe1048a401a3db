"""The extended shipped policy; and the life of a version, held by the database whatever the program does.

On a new installation the extended policy is in force at once. On one in use it is proposed, and a person puts it in force.
"""

from django.conf import settings
from django.db import migrations
from django.utils import timezone

FLAGGED = {
    "any": [
        {"fact": "data_breach", "op": "is", "value": True},
        {"fact": "regulated_system", "op": "is", "value": True},
        {"fact": "category", "op": "in", "value": ["security"]},
    ]
}
BREACH_OR_REGULATED = {"any": FLAGGED["any"][:2]}
WATCHED = {"fact": "stage", "op": "is", "value": "watching"}
OUTSIDE = {"fact": "customer_facing", "op": "is", "value": True}
INSIDE = {"fact": "customer_facing", "op": "is", "value": False}
EVERYONE = ("customers", "internal")
STATUSES = ("investigating", "identified", "monitoring")


def severity(*words):
    return {"fact": "severity", "op": "in", "value": list(words)}


def when(*parts):
    return {"all": list(parts)} if len(parts) != 1 else parts[0]


def then(outcome, audiences, window, cadence=(), long=(), bounds=None, legal=None):
    kinds = [("technical", window), ("communications", window), *([("legal", legal)] if legal else [])]
    return {
        "outcome": outcome,
        "cadence": dict(zip(STATUSES, cadence)),
        "reviews": [{"kind": kind, "window_minutes": minutes} for kind, minutes in kinds],
        "audiences": list(audiences),
        "publishes_watching": False,
        "cadence_by_audience": {},
        "long_incident": {"after_minutes": 480, "cadence": dict(zip(STATUSES, long))} if long else None,
        "promise_bounds": bounds,
        "watching_audiences": ["internal"],
        "training_required": True,
        "forbidden_channels": [],
        "embargo": None,
        "required_templates": {},
        "arbiter_minutes": 15,
        "override_fills_legal": False,
        "ratify_within_minutes": 1440,
        "late_bound_minutes": 15,
    }


SEV1 = {"cadence": (15, 30, 60), "long": (60, 60, 120), "bounds": [5, 120]}
SEV2 = {"cadence": (30, 60, 120), "long": (120, 120, 240), "bounds": [10, 240]}
SEV3 = {"cadence": (60, 120, 240), "bounds": [15, 480]}
RULES = [
    (
        "watching-flagged",
        "Watching something that may be a data breach, a regulated system or a security matter: colleagues only, and legal reviews it.",
        when(WATCHED, FLAGGED),
        then("optional", ("internal",), 30, legal=60),
    ),
    (
        "watching",
        "Watching, not yet confirmed: updates are optional and for colleagues only. Nothing is published.",
        when(WATCHED),
        then("optional", ("internal",), 30),
    ),
    (
        "flagged-sev1",
        "SEV1 that customers notice, with a data breach, a regulated system or a security matter: updates as for any SEV1, and legal reviews each.",
        when(severity("SEV1"), OUTSIDE, FLAGGED),
        then("required", EVERYONE, 15, **SEV1, legal=30),
    ),
    (
        "flagged-sev2",
        "SEV2 that customers notice, with a data breach, a regulated system or a security matter: updates as for any SEV2, and legal reviews each.",
        when(severity("SEV2"), OUTSIDE, FLAGGED),
        then("required", EVERYONE, 15, **SEV2, legal=30),
    ),
    (
        "breach-or-regulated",
        "A data breach or a regulated system that customers notice, however mild: updates are required and legal reviews each.",
        when(OUTSIDE, BREACH_OR_REGULATED),
        then("required", EVERYONE, 30, **SEV3, legal=60),
    ),
    (
        "security",
        "A mild security matter that customers notice: updates are optional and legal reviews each.",
        when(OUTSIDE, FLAGGED),
        then("optional", EVERYONE, 30, **SEV3, legal=60),
    ),
    (
        "internal-flagged",
        "Customers do not notice, but it is a data breach, a regulated system or a security matter: colleagues only, and legal reviews each.",
        when(INSIDE, FLAGGED),
        then("optional", ("internal",), 30, legal=60),
    ),
    (
        "customer-sev1",
        "Customer-facing SEV1: updates are required every 15 minutes while investigating, "
        "every 30 once the cause is identified and every 60 while monitoring.",
        when(severity("SEV1"), OUTSIDE),
        then("required", EVERYONE, 15, **SEV1),
    ),
    (
        "customer-sev2",
        "Customer-facing SEV2: updates are required every 30 minutes while investigating, "
        "every 60 once the cause is identified and every 120 while monitoring.",
        when(severity("SEV2"), OUTSIDE),
        then("required", EVERYONE, 15, **SEV2),
    ),
    (
        "customer-sev3",
        "Customer-facing SEV3: updates are optional. If you publish one, the next is due after 60 minutes while investigating, "
        "120 once the cause is identified and 240 while monitoring.",
        when(severity("SEV3"), OUTSIDE),
        then("optional", EVERYONE, 30, **SEV3),
    ),
    (
        "internal-only",
        "Customers are not affected: updates are optional and for colleagues only.",
        when(INSIDE),
        then("optional", ("internal",), 30),
    ),
    ("otherwise", "None of the rules above applies: no formal updates are due.", {}, then("none", EVERYONE, 30)),
]
DOCUMENT = [{"key": key, "words": words, "when": condition, "then": consequences} for key, words, condition, consequences in RULES]


def ship(apps, schema_editor):
    versions = apps.get_model("policies", "PolicyVersion").objects
    in_use = apps.get_model(*settings.AUTH_USER_MODEL.split(".")).objects.exists()
    now = timezone.now()
    for version in versions.filter(created_by__isnull=False):
        version.authors.get_or_create(user_id=version.created_by_id, defaults={"first_at": version.created_at, "last_at": version.created_at})
    if not in_use:
        versions.filter(state="active").update(state="retired", retired_at=now)
    versions.create(
        number=max(versions.values_list("number", flat=True), default=0) + 1,
        state="proposed" if in_use else "active",
        rules=DOCUMENT,
        note="The policy as shipped, with legal review, long incidents and bounds for promises.",
        created_at=now,
        proposed_at=now,
        activated_at=None if in_use else now,
    )


PROTECT = """
-- Rows were just made; a table with pending checks of foreign keys cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;

-- One human, however many accounts: equal persons where accounts carry one, else the account itself.
CREATE FUNCTION policies_person(account uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT COALESCE(to_jsonb(u) ->> 'person', u.id::text) FROM accounts_user u WHERE u.id = account
$$;

CREATE OR REPLACE FUNCTION policies_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'versions of the policy are kept'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_version_no_truncate';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a version of the policy begins as a draft'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_version_moves';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'version % of the policy has been proposed or in force and is kept as it was', OLD.number
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_version_kept';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state <> 'draft' AND (NEW.number, NEW.rules, NEW.note, NEW.created_by_id, NEW.created_at)
            IS DISTINCT FROM (OLD.number, OLD.rules, OLD.note, OLD.created_by_id, OLD.created_at) THEN
        RAISE EXCEPTION 'version % of the policy has been proposed or in force and is kept as it was', OLD.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_version_kept';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN
            (('draft', 'proposed'), ('proposed', 'draft'), ('proposed', 'active'), ('active', 'retired')) THEN
        RAISE EXCEPTION 'version % of the policy is % and is kept as it was: it cannot become %', OLD.number, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_version_moves';
    END IF;
    IF OLD.state IN ('active', 'retired') AND (NEW.activated_by_id, NEW.activated_at, NEW.proposed_by_id, NEW.proposed_at)
            IS DISTINCT FROM (OLD.activated_by_id, OLD.activated_at, OLD.proposed_by_id, OLD.proposed_at) THEN
        RAISE EXCEPTION 'who put version % of the policy in force is kept as it was', OLD.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_version_kept';
    END IF;
    IF NEW.state = 'active' AND OLD.state <> 'active' AND (
            NEW.activated_by_id IS NULL OR NEW.activated_at IS NULL
            OR policies_person(NEW.activated_by_id) = (
                SELECT policies_person(a.user_id) FROM policies_policyversionauthor a WHERE a.version_id = NEW.id
                ORDER BY a.last_at DESC, a.id DESC LIMIT 1)) THEN
        RAISE EXCEPTION 'version % of the policy is put in force by a person other than the one who changed it last', OLD.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_two_people';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER policies_version_kept ON policies_policyversion;
CREATE TRIGGER policies_version_kept BEFORE INSERT OR UPDATE OR DELETE ON policies_policyversion
    FOR EACH ROW EXECUTE FUNCTION policies_version_refuse();
ALTER TABLE policies_policyversion ENABLE ALWAYS TRIGGER policies_version_kept;

CREATE FUNCTION policies_author_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'who wrote the policy is kept'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_authors_kept';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.version_id, NEW.user_id, NEW.first_at) IS DISTINCT FROM (OLD.version_id, OLD.user_id, OLD.first_at)
                OR NEW.last_at < OLD.last_at THEN
            RAISE EXCEPTION 'who wrote the policy is kept'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_authors_kept';
        END IF;
        RETURN NEW;
    END IF;
    -- Authors go only together with the draft they wrote; looked at when the transaction ends.
    IF EXISTS (SELECT 1 FROM policies_policyversion v WHERE v.id = OLD.version_id) THEN
        RAISE EXCEPTION 'who wrote the policy is kept'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policies_authors_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER policies_authors_unchanged BEFORE UPDATE ON policies_policyversionauthor
    FOR EACH ROW EXECUTE FUNCTION policies_author_refuse();
CREATE TRIGGER policies_authors_no_truncate BEFORE TRUNCATE ON policies_policyversionauthor
    FOR EACH STATEMENT EXECUTE FUNCTION policies_author_refuse();
CREATE CONSTRAINT TRIGGER policies_authors_kept AFTER DELETE ON policies_policyversionauthor
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION policies_author_refuse();
ALTER TABLE policies_policyversionauthor ENABLE ALWAYS TRIGGER policies_authors_unchanged;
ALTER TABLE policies_policyversionauthor ENABLE ALWAYS TRIGGER policies_authors_no_truncate;
ALTER TABLE policies_policyversionauthor ENABLE ALWAYS TRIGGER policies_authors_kept;
"""

RELEASE = """
DROP TRIGGER policies_authors_kept ON policies_policyversionauthor;
DROP TRIGGER policies_authors_no_truncate ON policies_policyversionauthor;
DROP TRIGGER policies_authors_unchanged ON policies_policyversionauthor;
DROP FUNCTION policies_author_refuse();
DROP TRIGGER policies_version_kept ON policies_policyversion;
CREATE TRIGGER policies_version_kept BEFORE UPDATE OR DELETE ON policies_policyversion
    FOR EACH ROW EXECUTE FUNCTION policies_version_refuse();
DROP FUNCTION policies_person(uuid) CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0003_proposals_and_authors"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    # Versions that have been in force are kept: going back leaves the rows, and takes the guards.
    operations = [migrations.RunPython(ship, migrations.RunPython.noop), migrations.RunSQL(PROTECT, RELEASE)]
