"""What every list answers: one page of its rows, filtered and shaped."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import generics, serializers
from rest_framework.response import Response


def listed(view: "generics.GenericAPIView[Any]", rows: QuerySet[Any], shape: type[serializers.BaseSerializer[Any]]) -> Response:
    """The page asked for, of rows that depend on what the address names. Refuses filters that the view does not know."""
    page = view.paginate_queryset(view.filter_queryset(rows))
    return view.get_paginated_response(shape(page or [], many=True, context=view.get_serializer_context()).data)
