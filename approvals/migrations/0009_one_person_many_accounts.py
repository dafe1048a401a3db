"""Who reviews is the person behind the account: a second account of an author, or of another reviewer, fills no slot."""

from django.db import migrations

PERSON = """
CREATE OR REPLACE FUNCTION approvals_person(account uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT u.person FROM accounts_user u WHERE u.id = account
$$;
"""
ACCOUNT = """
CREATE OR REPLACE FUNCTION approvals_person(account uuid) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT account $$;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0008_statements_in_the_database"), ("accounts", "0008_guarded_in_the_database")]
    operations = [migrations.RunSQL(PERSON, ACCOUNT)]
