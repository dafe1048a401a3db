"""What Alertmanager's labels become: the rules, edited in place."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.rules.roles import Permission
from console.forms.mapping import document_from, rows_of
from console.forms.typed import small_int
from console.views.support import page, who
from core.clock import utc_now
from core.errors import DomainError, NotFound
from incidents.rules.words import Category, Impact, Severity, Stage
from integrations.queries import mapping_row
from integrations.services.save_mapping import save_mapping

SOURCE = "alertmanager"


@page
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: HttpRequest) -> HttpResponse:
    """The first rule that matches an alert decides what its incident is opened with."""
    actor = who(request)
    if not actor.may(Permission.INCIDENT_READ):
        raise NotFound
    row = mapping_row(SOURCE)
    document: dict[str, Any] = row.document
    version: str = str(row.version)
    error: DomainError | None = None
    if request.method == "POST":
        document, version = document_from(request.POST), request.POST.get("version", "")
        try:
            expected = small_int(version)
            saved = save_mapping(actor=actor, now=utc_now(), source=SOURCE, document=document, expected_version=expected)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, f"Saved as version {saved.version}. The next alert is read with it.")
            return redirect("console:mapping")
    context = {
        "document": document,
        "version": version,
        "rows": rows_of(document),
        "error": error,
        "may_write": actor.may(Permission.MAPPING_WRITE),
        "words": {"severity": list(Severity), "stage": list(Stage), "impact": list(Impact), "category": list(Category)},
    }
    return render(request, "console/mapping.html", context, status=error.status if error else 200)
