"""The templates the product ships with: every status for customers and for colleagues, and some for single categories."""

from django.db import migrations
from django.utils import timezone

from core.identifiers import public_id

CUSTOMERS, INTERNAL = "customers", "internal"
INTERNAL_FACTS = """- Incident: {{ incident_title }}
- Severity: {{ severity }}
- Affected: {{ component_names }}
- Noticed: {{ started_at_utc }}"""

# Category ("" for any), status, audience, title, body.
SHIPPED = [
    (
        "",
        "investigating",
        CUSTOMERS,
        "Investigating a problem with {{ component_names }}",
        """We are investigating a problem that affects {{ component_names }}. We noticed it on {{ started_at_utc }}.

{{ impact_words }}

We do not know the cause yet. We will post the next update within {{ next_update_in }}, even if there is nothing new to report.""",
    ),
    (
        "",
        "identified",
        CUSTOMERS,
        "Cause found: problem with {{ component_names }}",
        """We have found the cause of the problem that affects {{ component_names }} and are working on a fix. \
We noticed the problem on {{ started_at_utc }}.

{{ impact_words }}

We will post the next update within {{ next_update_in }}.""",
    ),
    (
        "",
        "monitoring",
        CUSTOMERS,
        "Fix in place for {{ component_names }}",
        """A fix for the problem that affected {{ component_names }} is in place. We noticed the problem on {{ started_at_utc }}.

We are watching whether the fix holds, and do not consider the problem resolved until we are sure. \
We will post the next update within {{ next_update_in }}.""",
    ),
    (
        "",
        "resolved",
        CUSTOMERS,
        "Resolved: problem with {{ component_names }}",
        """The problem that affected {{ component_names }} is resolved, and the service works as it should again. \
We noticed it on {{ started_at_utc }}.

We are sorry for the disruption. If you still see a problem, please contact our support.""",
    ),
    (
        "",
        "investigating",
        INTERNAL,
        "{{ severity }}, investigating: {{ incident_title }}",
        INTERNAL_FACTS
        + """

Effect: {{ impact_words }}

The cause is not known yet. Please do not share guesses outside the company; point customers to the published updates.""",
    ),
    (
        "",
        "identified",
        INTERNAL,
        "{{ severity }}, cause identified: {{ incident_title }}",
        INTERNAL_FACTS
        + """

Effect: {{ impact_words }}

The cause is known and a fix is being made. Until the cause is published, please do not share it outside the company.""",
    ),
    (
        "",
        "monitoring",
        INTERNAL,
        "{{ severity }}, fix in place: {{ incident_title }}",
        INTERNAL_FACTS
        + """

A fix is in place and is being watched. Mitigated is not resolved: please tell customers that a fix is in place, \
not that the problem is over.""",
    ),
    (
        "",
        "resolved",
        INTERNAL,
        "{{ severity }}, resolved: {{ incident_title }}",
        INTERNAL_FACTS
        + """

The service works as it should again. If a customer reports that the problem goes on, please tell the incident commander at once.""",
    ),
    (
        "network",
        "investigating",
        CUSTOMERS,
        "Investigating connection problems with {{ component_names }}",
        """We are investigating connection problems that affect {{ component_names }}. We noticed them on {{ started_at_utc }}.

{{ impact_words }} Attempts to connect may take longer than usual or fail.

We do not know the cause yet. We will post the next update within {{ next_update_in }}, even if there is nothing new to report.""",
    ),
    (
        "network",
        "monitoring",
        CUSTOMERS,
        "Connections to {{ component_names }}: fix in place",
        """A fix for the connection problems that affected {{ component_names }} is in place. We noticed the problems on {{ started_at_utc }}.

We are watching whether connections remain stable. If yours does not recover by itself, please close it and connect again. \
We will post the next update within {{ next_update_in }}.""",
    ),
    (
        "security",
        "investigating",
        CUSTOMERS,
        "Investigating a security matter",
        """We are investigating a security matter that concerns {{ component_names }}. Our investigation began on {{ started_at_utc }}.

We will say what happened and whether you need to do anything as soon as it is established. \
Until then we share only what we have confirmed.

We will post the next update within {{ next_update_in }}.""",
    ),
    (
        "security",
        "identified",
        CUSTOMERS,
        "Update on a security matter",
        """We have established the cause of the security matter that concerns {{ component_names }} and are acting on it. \
Our investigation began on {{ started_at_utc }}.

If you need to do anything, we will tell you directly and here. \
We will post the next update within {{ next_update_in }}.""",
    ),
    (
        "security",
        "monitoring",
        CUSTOMERS,
        "Measures in place for a security matter",
        """The measures against the security matter that concerns {{ component_names }} are in place, and we are watching their effect. \
Our investigation began on {{ started_at_utc }}.

We will post the next update within {{ next_update_in }}.""",
    ),
    (
        "security",
        "resolved",
        CUSTOMERS,
        "Security matter closed",
        """The security matter that concerned {{ component_names }} is closed. Our investigation began on {{ started_at_utc }}.

If you have questions about your account, please contact our support.""",
    ),
    (
        "security",
        "investigating",
        INTERNAL,
        "{{ severity }}, security, investigating: {{ incident_title }}",
        INTERNAL_FACTS
        + """

Please do not discuss this outside the people working on it, do not speculate in writing, and keep logs and messages as they are. \
Send every question from outside, including from the press, to the incident commander.""",
    ),
]

PROTECT = """
CREATE FUNCTION templates_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'versions of a template are never changed: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER templates_version_no_change BEFORE UPDATE OR DELETE ON templates_templateversion
    FOR EACH ROW EXECUTE FUNCTION templates_version_refuse();
CREATE TRIGGER templates_version_no_truncate BEFORE TRUNCATE ON templates_templateversion
    FOR EACH STATEMENT EXECUTE FUNCTION templates_version_refuse();
-- Rows were just made; a table with pending checks of foreign keys cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE templates_templateversion ENABLE ALWAYS TRIGGER templates_version_no_change;
ALTER TABLE templates_templateversion ENABLE ALWAYS TRIGGER templates_version_no_truncate;
"""

RELEASE = """
DROP TRIGGER templates_version_no_change ON templates_templateversion;
DROP TRIGGER templates_version_no_truncate ON templates_templateversion;
DROP FUNCTION templates_version_refuse();
"""


def name_of(category, status, audience):
    subject = {"": "Any incident", "network": "Network", "security": "Security"}[category]
    return f"{subject}, {status}, for {audience}"


def ship(apps, schema_editor):
    now = timezone.now()
    template_model = apps.get_model("templates", "UpdateTemplate")
    for category, status, audience, title, body in SHIPPED:
        template = template_model.objects.create(
            public_id=public_id(), name=name_of(category, status, audience), category=category, status=status, audience_key=audience
        )
        template.versions.create(number=1, title=title, body=body, created_at=now)


def take_back(apps, schema_editor):
    places = apps.get_model("templates", "UpdateTemplate").objects.exclude(versions__author__isnull=False)
    apps.get_model("templates", "TemplateVersion").objects.filter(template__in=places).delete()
    places.filter(versions__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("templates", "0001_initial")]
    operations = [migrations.RunPython(ship, take_back), migrations.RunSQL(PROTECT, RELEASE)]
