"""Lists answer `{next, previous, results}`; the cursor is opaque and stays right while rows are added."""

from rest_framework.pagination import CursorPagination as BaseCursorPagination


class CursorPagination(BaseCursorPagination):
    """Newest first, 50 a page, at most 200."""

    ordering: str | tuple[str, ...] = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
