"""How sign-in behaves here."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts.actors import person
from accounts.models import User
from accounts.services.second_factor import note_second_factor
from core.clock import utc_now

_FACTOR = "mfa/email/"
# The same words for an unknown name and for a wrong password: neither tells who has an account.
MISMATCH = "This name and this password do not belong together. Type both again."
_AT_SIGN_IN = "allauth.mfa.stages.AuthenticateStage"


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators, not by visitors."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "incorrect_password": "That is not your password. Type it again.",
        "too_many_login_attempts": "Too many attempts. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """Who has a second factor is asked for it at sign-in, unless the demo leaves it to the acts that need it."""
        stages: list[str] = super().get_login_stages()
        return stages if settings.SECOND_FACTOR_AT_SIGN_IN else [stage for stage in stages if stage != _AT_SIGN_IN]

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """allauth calls this whenever an authenticator was added or removed: the log is told as well."""
        if template_prefix.startswith(_FACTOR):
            note_second_factor(actor=person(user), now=utc_now(), user=user, change=template_prefix.removeprefix(_FACTOR))
        super().send_notification_mail(template_prefix, user, context, email)
