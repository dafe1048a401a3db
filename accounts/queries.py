"""Reading people and what they hold."""

from django.db.models import QuerySet

from accounts.models import ApiToken, User


def tokens_of(user: User | None) -> QuerySet[ApiToken]:
    """The tokens acting for this person, expired ones too."""
    return ApiToken.objects.filter(user=user) if user else ApiToken.objects.none()
