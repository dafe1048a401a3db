"""Reading the log."""

from collections.abc import Sequence

from django.db.models import QuerySet

from audit.models import Entry, Head


def entries() -> QuerySet[Entry]:
    """Every entry, newest first."""
    return Entry.objects.order_by("-index")


def entries_about(*subjects: str) -> QuerySet[Entry]:
    """What happened to any of these subjects, for instance `update:ID`, oldest first."""
    return Entry.objects.filter(subject__in=subjects).order_by("index")


def entries_page(
    *, subject: str = "", type_: str = "", before: int | None = None, hidden: Sequence[str] = (), limit: int = 50
) -> list[Entry]:
    """Entries newest first, from below index `before`, without those about `hidden` subjects; empty filters match everything."""
    found = entries().exclude(subject__in=hidden)
    if subject:
        found = found.filter(subject=subject)
    if type_:
        found = found.filter(type=type_)
    if before is not None:
        found = found.filter(index__lt=before)
    return list(found[:limit])


def log_size() -> int:
    """How many entries the log holds."""
    return Head.objects.get(pk=1).size
