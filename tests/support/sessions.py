"""What time does to a browser's session."""

from datetime import timedelta

from django.test import Client


def password_was_typed_long_ago(client: Client) -> None:
    """Six minutes: longer than a password counts as typed just now."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= timedelta(minutes=6).total_seconds()
    session.save()
