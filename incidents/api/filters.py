"""What lists may be narrowed by."""

from enum import StrEnum

import django_filters
from django.db.models import QuerySet

from incidents.models import Incident
from incidents.rules.words import Category, Severity, Stage, Status, UpdateKind, UpdateState


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


class TimelineFilter(django_filters.FilterSet):
    """Which lines to list."""

    kind = django_filters.CharFilter()
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", help_text="At or after, ISO 8601.")
