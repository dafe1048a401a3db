"""Update templates: what is prepared, and new versions of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules.roles import Permission
from console.forms.template import TemplateForm
from console.views.beside import beside_fields
from console.views.support import page, who
from core.clock import utc_now
from core.errors import DomainError, NotFound
from templates.models import UpdateTemplate
from templates.services import create_template, save_template


@page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every template in use, by category, status and audience."""
    if not who(request).may(Permission.TEMPLATE_READ):
        raise NotFound
    rows = UpdateTemplate.objects.filter(retired_at__isnull=True).prefetch_related("versions")
    context = {"templates": rows, "may_write": who(request).may(Permission.TEMPLATE_WRITE)}
    return render(request, "console/templates.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A template for a place that has none, or for rules alone."""
    actor = who(request)
    actor.require(Permission.TEMPLATE_WRITE)
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        wanted = dict(form.cleaned_data)
        try:
            saved = create_template(actor=actor, now=utc_now(), audience_key=wanted.pop("audience"), **wanted)
        except DomainError as error:
            beside_fields(form, error)
        else:
            messages.success(request, f"“{saved.template.name}” is saved. New drafts use it.")
            return redirect("console:template", saved.template.public_id)
    return render(request, "console/template_new.html", {"form": form}, status=422 if form.is_bound else 200)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, template_id: str) -> HttpResponse:
    """The wording with its history; saving makes a new version, earlier ones stay."""
    actor = who(request)
    if not actor.may(Permission.TEMPLATE_READ):
        raise NotFound
    template = UpdateTemplate.objects.filter(public_id=template_id).first()
    if template is None:
        raise NotFound
    newest = template.versions.order_by("-number").first()
    typed = {"title": newest.title if newest else "", "body": newest.body if newest else ""}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        try:
            saved = save_template(actor=actor, now=utc_now(), template=template, title=typed["title"], body=typed["body"])
        except DomainError as error:
            errors = error.fields or {"body": [error.message]}
        else:
            messages.success(request, f"Saved as version {saved.number}. New drafts use it.")
            return redirect("console:template", template.public_id)
    return render(
        request,
        "console/template.html",
        {
            "template": template,
            "typed": typed,
            "errors": {name: " ".join(texts) for name, texts in errors.items()},
            "versions": template.versions.select_related("author").order_by("-number"),
            "may_write": actor.may(Permission.TEMPLATE_WRITE),
        },
        status=422 if errors else 200,
    )
