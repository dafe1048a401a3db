"""Reading people and what they hold."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import ApiToken, User


def tokens_of(user: User | None) -> QuerySet[ApiToken]:
    """The tokens acting for this person, expired ones too."""
    return ApiToken.objects.filter(user=user) if user else ApiToken.objects.none()


def persons_of(user_ids: Iterable[UUID | str]) -> frozenset[str]:
    """The humans behind these accounts: one id each, however many accounts they have."""
    people = User.objects.filter(pk__in=list(user_ids)).values_list("person", flat=True)
    return frozenset(str(person) for person in people)
