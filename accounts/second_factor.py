"""The second factor: secrets at rest, and who has one. allauth keeps authenticators and checks codes and passkeys."""

from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

from accounts.models import User

# What an override takes. A recovery code signs in and sets up anew; it proves no device.
PROOFS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seeds are stored encrypted by a key made from SECRET_KEY: a copy of the database alone lets nobody make codes.

    After a change of SECRET_KEY, seeds open as long as the old key stands in SECRET_KEY_FALLBACKS.
    """

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - the name allauth gives it
        """What stands in the field before the person names it; allauth would say "Master key", which promises what it is not."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(b"statuscomms.second_factor:" + key.encode()).digest())) for key in keys])


def has_second_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user=user, type__in=PROOFS).exists())


def set_up_at(user: User, authenticator: object) -> datetime | None:
    """When this authenticator of theirs was set up; `None` for one that is gone."""
    found = Authenticator.objects.filter(user=user, type__in=PROOFS, pk=authenticator).values_list("created_at", flat=True).first()
    return found if isinstance(found, datetime) else None
