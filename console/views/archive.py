"""The audit explorer."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.rules.roles import Permission
from audit.queries import entries_page, log_size
from console.forms.typed import small_int
from console.queries.hidden import hidden_subjects
from console.views.support import page, who
from core.errors import NotFound

PER_PAGE = 50


@page
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The log, newest first, by subject or type; each entry with its index and leaf hash."""
    actor = who(request)
    if not actor.may(Permission.AUDIT_READ):
        raise NotFound
    subject, kind = request.GET.get("subject", "").strip(), request.GET.get("type", "").strip()
    before = small_int(request.GET.get("before", ""))
    found = entries_page(subject=subject, type_=kind, before=before, hidden=hidden_subjects(actor), limit=PER_PAGE + 1)
    rows: list[dict[str, Any]] = [
        {"entry": entry, "leaf": bytes(entry.leaf).hex(), "body": json.dumps(json.loads(bytes(entry.body)), indent=2, ensure_ascii=False)}
        for entry in found[:PER_PAGE]
    ]
    older = rows[-1]["entry"].index if len(found) > PER_PAGE else None
    return render(request, "console/archive.html", {"rows": rows, "size": log_size(), "subject": subject, "type": kind, "older": older})
