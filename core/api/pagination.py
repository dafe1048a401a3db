"""Lists answer `{next, previous, results}`; the cursor is opaque and stays right while rows are added."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor
from rest_framework.pagination import CursorPagination as BaseCursorPagination
from rest_framework.request import Request

# The text of a primary key or a time; longer is nothing that we ever gave out.
LONGEST_POSITION = 200


class CursorPagination(BaseCursorPagination):
    """Newest first, 50 a page, at most 200."""

    ordering: str | tuple[str, ...] = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The position asked for; one that never came from us answers 404, as the base class does for other nonsense."""
        cursor: Cursor | None = super().decode_cursor(request)
        position = str(cursor.position or "") if cursor else ""
        if "\x00" in position or len(position) > LONGEST_POSITION:
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """One page. A position that the ordering's field cannot hold is no cursor of ours."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, TypeError, OverflowError, ValidationError, DataError) as error:
            raise NotFound(self.invalid_cursor_message) from error
