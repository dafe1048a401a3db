"""Filters of lists. A misspelt filter would answer with everything, so it is refused."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

_OF_THE_PAGE = {"cursor", "page_size"}


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter's backend, refusing query parameters that the list does not know."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        known = sorted(filterset.base_filters) if filterset else []
        unknown = [name for name in request.query_params if name not in known and name not in _OF_THE_PAGE]
        if unknown:
            cure = f"Unknown filter. Known here: {', '.join([*known, *sorted(_OF_THE_PAGE)])}."
            raise ValidationError({name: [cure] for name in unknown})
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered
