"""The audit explorer."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.rules.roles import Permission
from audit.queries import log_size
from console.forms.typed import small_int
from console.log_words import WORDS, words_of
from console.queries.hidden import hidden_subjects
from console.queries.log import folded, lines, subject_names
from console.views.support import page, who
from core.errors import NotFound

PER_PAGE = 50
# Entries that one page looks through for its lines: several may fold into one.
READ = 4 * PER_PAGE


def chips(subject: str, kind: str, hidden: list[str]) -> list[dict[str, str]]:
    """What the log is narrowed to, each with the address without it. What is hidden from the reader keeps its bare reference."""
    found = []
    if kind:
        found.append({"label": words_of(kind), "href": f"?{urlencode({'subject': subject})}"})
    if subject:
        name = subject if subject in hidden else subject_names([subject])[subject]
        found.append({"label": f"About: {name}", "href": f"?{urlencode({'type': kind})}"})
    return found


@page
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The log, newest first, narrowed to one subject or one kind of entry; each entry with its index and leaf hash."""
    actor = who(request)
    if not actor.may(Permission.AUDIT_READ):
        raise NotFound
    subject, kind = request.GET.get("subject", "").strip(), request.GET.get("type", "").strip()
    before, hidden = small_int(request.GET.get("before", "")), hidden_subjects(actor)
    found = lines(subject=subject, kind=kind, before=before, hidden=hidden, limit=READ + 1)
    # Whoever asks for one kind, or for one thing, wants to see each entry.
    shown, last = (found[:PER_PAGE], None) if kind or subject else folded(found[:READ], most=PER_PAGE)
    last = last if last is not None or not shown else shown[-1].index
    kinds = sorted({*WORDS, kind} - {""}, key=words_of)
    context = {
        "lines": shown,
        "size": log_size(),
        "subject": subject,
        "type": kind,
        "chips": chips(subject, kind, hidden),
        "kinds": [{"value": one, "words": words_of(one)} for one in kinds],
        "before": before,
        "older": last if last is not None and found[-1].index < last else None,
    }
    return render(request, "console/archive.html", context)
