"""Authenticator apps of the story's people: whoever may have to act without a review proves a device as well."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt

from accounts.actors import person
from accounts.models import User
from accounts.services.second_factor import note_second_factor

# The administrator, who releases and ratifies, and who holds the override.
WITH_AN_APP = ("admin", "commander", "override")


def tell_second_factors(*, now: datetime, users: dict[str, User]) -> None:
    """Sets up an app for each, with a secret of this demo alone."""
    for name in WITH_AN_APP:
        app = TOTP.activate(users[name], generate_totp_secret())
        # As old as the story says: an override takes one that was there before the review was asked for.
        Authenticator.objects.filter(pk=app.instance.pk).update(created_at=now)
        note_second_factor(actor=person(users[name]), now=now, user=users[name], change="totp_activated")


def secrets() -> list[tuple[str, str]]:
    """User and base32 secret, read from the database, so that every start says what is true; who removed theirs is left out."""
    found = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__username__in=WITH_AN_APP).order_by("user__username")
    return [(row.user.get_username(), decrypt(row.data["secret"])) for row in found.select_related("user")]
