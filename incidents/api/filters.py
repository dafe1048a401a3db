"""What lists may be narrowed by."""

from enum import StrEnum

import django_filters
from django.db.models import Q, QuerySet

from incidents.models import Incident, Update
from incidents.rules.words import Category, Severity, Stage, Status, UpdateKind, UpdateState
from stakeholders.models import Audience


def _one_of(words: type[StrEnum], **options: str) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(choices=[(word.value, word.value) for word in words], **options)


class IncidentFilter(django_filters.FilterSet):
    """Which incidents to list."""

    status = _one_of(Status)
    severity = _one_of(Severity)
    stage = _one_of(Stage)
    category = _one_of(Category)
    tag = django_filters.CharFilter(method="tagged", help_text="One tag.")
    component = django_filters.CharFilter(field_name="component_links__component__public_id", help_text="A component's id.")
    since = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte", help_text="Opened at or after, ISO 8601.")

    def tagged(self, queryset: "QuerySet[Incident]", _name: str, value: str) -> "QuerySet[Incident]":
        """Those that bear the tag."""
        return queryset.filter(tags__contains=[value])


class UpdateFilter(django_filters.FilterSet):
    """Which updates to list."""

    incident = django_filters.CharFilter(field_name="incident__public_id", help_text="The incident's id.")
    state = _one_of(UpdateState)
    kind = _one_of(UpdateKind)
    status = _one_of(Status, field_name="current__content__facts__status")
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte", help_text="Started at or after, ISO 8601.")
    audience = django_filters.CharFilter(method="read_by", help_text="An audience's key: updates that it is to read.")
    team = django_filters.CharFilter(method="of_team", help_text="A team's key: updates for audiences that it owns or deputises for.")

    def read_by(self, queryset: "QuerySet[Update]", _name: str, value: str) -> "QuerySet[Update]":
        """Those that go to the audience."""
        return queryset.filter(current__content__reach__audiences__has_any_keys=[value])

    def of_team(self, queryset: "QuerySet[Update]", _name: str, value: str) -> "QuerySet[Update]":
        """Those that go to an audience of the team's."""
        owned = Audience.objects.filter(Q(owner__key=value) | Q(deputy__key=value)).values_list("key", flat=True)
        return queryset.filter(current__content__reach__audiences__has_any_keys=list(owned))


class TimelineFilter(django_filters.FilterSet):
    """Which lines to list."""

    kind = django_filters.CharFilter()
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", help_text="At or after, ISO 8601.")
