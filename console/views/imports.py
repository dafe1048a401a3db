"""Lists on their way into the register: sending one in, naming its columns, the dry run, what became of it; and the register as a list."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.importing import FIELD_WORDS, ColumnsForm, UploadForm
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, InvalidInput, NotFound
from stakeholders.models import RegisterImport
from stakeholders.queries.export import register_as_csv
from stakeholders.queries.imports import faults_as_csv, rows_of, visible_import, visible_imports
from stakeholders.rules.imports import WORKED_OFF, ImportState, RowAction
from stakeholders.services import drop_import, resume_import, start_apply, start_check, start_undo, take_file
from stakeholders.services.read_table import MOST_BYTES

PER_PAGE = 50
MOST_SHOWN = 20
_PIECE = 64 * 1024
TOO_LARGE = f"The file is larger than {MOST_BYTES // 1024 // 1024} MB: split it, or leave out columns that are not needed."


def _writer(request: HttpRequest) -> Actor:
    actor = who(request)
    if not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    actor.require(Permission.STAKEHOLDER_WRITE)
    return actor


@csrf_exempt  # checked by `_imports` itself, after the size: the check reads the form, and so the whole file
def imports(request: HttpRequest) -> HttpResponseBase:
    """Imports so far, and the form that takes a file. One too large is read off the line and kept nowhere."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method == "POST" and length.isdecimal() and int(length) > MOST_BYTES:
        while request.read(_PIECE):
            pass
        return _too_large(request)
    return csrf_protect(_imports)(request)


@page
def _too_large(request: HttpRequest) -> HttpResponse:
    form = UploadForm({})
    form.errors.clear()
    form.add_error("file", TOO_LARGE)
    return _list(request, _writer(request), form, status=413)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def _imports(request: HttpRequest) -> HttpResponse:
    actor = _writer(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            taken = take_file(actor=actor, now=utc_now(), file=file.file, name=file.name)
        except InvalidInput as error:
            form.add_error("file", error.fields.get("file", [error.message]))
        else:
            return redirect("console:import", taken.public_id)
    return _list(request, actor, form, status=422 if form.errors else 200)


def _list(request: HttpRequest, actor: Actor, form: UploadForm, *, status: int) -> HttpResponse:
    context = {"form": form, "imports": visible_imports(actor)[:MOST_SHOWN]}
    return render(request, "console/register/imports.html", context, status=status)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def one_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where a list stands; a POST takes the next step that its button names."""
    actor = _writer(request)
    taken = visible_import(actor, public_id)
    form = ColumnsForm(request.POST if request.POST.get("act") == "check" else None, taken=taken)
    if request.method == "POST":
        try:
            if _act(request, actor, taken, form):
                return redirect("console:import", public_id)
        except InvalidInput as error:
            for name, texts in error.fields.items():
                form.add_error(name if name in form.fields else None, texts)
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            refuse(request, error)
            return redirect("console:import", public_id)
    return render(request, "console/register/import.html", _seen(request, taken) | {"form": form}, status=422 if form.errors else 200)


@page
@require_safe
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The part of the page that fetches itself while rows are worked off."""
    taken = visible_import(_writer(request), public_id)
    return render(request, "console/register/import_live.html", _seen(request, taken))


@page
@require_safe
def faults(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """The rows at fault with what is wrong, as CSV."""
    taken = visible_import(_writer(request), public_id)
    return _csv(faults_as_csv(taken), f"faults-{taken.public_id}.csv")


@page
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole register as CSV, in the columns that an import reads back."""
    actor = who(request)
    if not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    return _csv(register_as_csv(actor), f"register-{utc_now():%Y-%m-%d}.csv")


def _csv(lines: Any, name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _act(request: HttpRequest, actor: Actor, taken: RegisterImport, form: ColumnsForm) -> bool:
    """Whether the act was done; not where the form needs a change."""
    act, now = request.POST.get("act", ""), utc_now()
    if act == "check":
        if not form.is_valid():
            return False
        start_check(actor=actor, now=now, taken=taken, mapping=form.mapping(), options=form.options())
    elif act == "apply":
        start_apply(actor=actor, now=now, taken=taken)
    elif act == "undo":
        start_undo(actor=actor, now=now, taken=taken)
    elif act == "resume":
        resume_import(actor=actor, now=now, taken=taken)
    elif act == "drop":
        drop_import(actor=actor, now=now, taken=taken)
    else:
        raise InvalidInput("Choose one of the buttons.", fields={"": ["Choose one of the buttons."]})
    return True


def _seen(request: HttpRequest, taken: RegisterImport) -> dict[str, Any]:
    action = request.GET.get("action", "")
    action = action if action in set(RowAction) else ""
    shown = Paginator(rows_of(taken, action), PER_PAGE).get_page(request.GET.get("page")) if taken.state != "uploaded" else None
    counts = taken.counts
    return {
        "taken": taken,
        "working": taken.state in WORKED_OFF,
        "comparable": taken.state in {ImportState.UPLOADED, ImportState.CHECKED} or taken.failed_while == ImportState.CHECKING,
        "waiting": taken.total - taken.done,
        "counts": [(name, counts.get(name, 0)) for name in RowAction],
        "to_write": counts.get(RowAction.NEW, 0) + counts.get(RowAction.CHANGED, 0),
        "in_no_audience": counts.get(RowAction.NEW, 0) > 0
        and not taken.options.get("audiences")
        and "audiences" not in taken.mapping.values(),
        "columns_open": "columns" in request.GET,
        "undone": counts.get("undone", 0),
        "kept": counts.get("kept", 0),
        "action": action,
        "shown": shown,
        "rows": [(row, _changes(row.changes), [(FIELD_WORDS.get(n, ""), text) for n, text in row.problems]) for row in shown or ()],
        # A cell stands with its heading: on a narrow screen they are read one below the other.
        "sample": [list(zip(taken.columns, row.cells, strict=False)) for row in taken.rows.order_by("number")[:5]]
        if taken.state == ImportState.UPLOADED
        else [],
    }


def _changes(changes: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """(field, before, after) in words; what is added or removed has no before."""
    told: list[tuple[str, Any, Any]] = []
    order = list(FIELD_WORDS)
    for name, value in sorted(changes.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)):
        if name.startswith(("addresses_", "audiences_")):
            told.append((name.replace("_", " ").capitalize(), None, ", ".join(value)))
        else:
            told.append((FIELD_WORDS.get(name, name), _words(value[0]), _words(value[1])))
    return told


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
