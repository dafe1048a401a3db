"""Entries of the log, with everything needed to recompute their leaves.

Who may read is decided by a higher floor: `statuscomms.urls` hands in the permission. Without it nobody may.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import generics, serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.models import Entry
from audit.queries import entries
from core.api.pagination import CursorPagination


class HexField(serializers.CharField):
    """Bytes as lower-case hexadecimal digits."""

    def to_representation(self, value: Any) -> str:
        return bytes(value).hex()


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """`leaf` = SHA-256(0x00 ‖ envelope) (RFC 6962 §2.1); `commit` in the envelope = SHA-256(salt ‖ body)."""

    envelope = HexField(read_only=True, help_text="RFC 8785 bytes of the envelope, hexadecimal.")
    leaf = HexField(read_only=True)
    commit = HexField(read_only=True)
    salt = HexField(read_only=True)
    body = HexField(read_only=True, help_text="RFC 8785 bytes of the body, hexadecimal.")
    content = serializers.SerializerMethodField(help_text="The body, read.")

    class Meta:
        model = Entry
        fields = ["index", "type", "at", "actor", "subject", "policy_version", "content", "envelope", "leaf", "commit", "salt", "body"]

    def get_content(self, entry: Entry) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(bytes(entry.body))
        return content


class EntryFilter(django_filters.FilterSet):
    """Which entries to list."""

    type = django_filters.CharFilter(help_text="For instance incident.opened.")
    subject = django_filters.CharFilter(help_text="For instance incident:ID.")
    actor = django_filters.CharFilter(help_text="For instance user:UUID.")
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", help_text="At or after this instant, ISO 8601.")
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt", help_text="Before this instant, ISO 8601.")


class Nobody(BasePermission):
    """Refuses everyone, until a permission is handed in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class NewestFirst(CursorPagination):
    """By index, which has no gaps and never changes."""

    ordering = "-index"


HiddenSubjects = Callable[[Request], Sequence[str]]


class OpenEntries(generics.GenericAPIView[Entry]):
    """Leaves out what `hidden_subjects`, handed in like the permission, says the reader may not know of."""

    hidden_subjects: HiddenSubjects | None = None

    def get_queryset(self) -> QuerySet[Entry]:
        """Every entry but those; without a rule handed in, none is hidden."""
        hidden = self.hidden_subjects(self.request) if self.hidden_subjects else ()
        return entries().exclude(subject__in=hidden)


class EntryListView(OpenEntries, generics.ListAPIView[Entry]):
    """The log, newest first. Entries about restricted incidents are there for those who were granted them."""

    queryset = entries()
    serializer_class = EntrySerializer
    filterset_class = EntryFilter
    pagination_class = NewestFirst
    permission_classes = [Nobody]


class EntryView(OpenEntries, generics.RetrieveAPIView[Entry]):
    """One entry by its index."""

    queryset = entries()
    serializer_class = EntrySerializer
    lookup_field = "index"
    permission_classes = [Nobody]
