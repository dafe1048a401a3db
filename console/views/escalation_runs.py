"""Calling people in through a tree, and what became of it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.views.beside import beside_fields
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError
from incidents.models import Incident
from incidents.rules.words import Status
from notifications.queries.drill_report import run_report
from notifications.queries.escalation import visible_run
from stakeholders.models import EscalationRun
from stakeholders.queries.escalation import first_answer, visible_tree, was_called
from stakeholders.queries.escalation_world import trees_by_key, world_of
from stakeholders.rules.escalation_told import simulate
from stakeholders.services.acknowledge import acknowledge_run
from stakeholders.services.escalation_runs import LONGEST_BODY, LONGEST_TITLE, start_run, stop_run


class StartForm(forms.Form):
    """What people are called for."""

    title = forms.CharField(label="What it is about", max_length=LONGEST_TITLE)
    body = forms.CharField(label="What they should know", required=False, max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 4}))
    incident = forms.ChoiceField(required=False, help_text="Of a restricted incident only those are told who may see it.")

    def __init__(self, data: object, *, actor: Actor, initial: dict[str, object]) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # what Django's form takes
        active = Incident.objects.visible_to(actor).exclude(status=Status.RESOLVED).order_by("severity", "-opened_at")[:200]
        offered = [("", "No incident"), *((one.public_id, f"{one.severity} {one.title}") for one in active)]
        self.fields["incident"].choices = offered  # type: ignore[attr-defined]  # a ChoiceField


@page
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Shows who would be called now and then, and calls them."""
    actor, now = who(request), utc_now()
    row = visible_tree(actor, key)
    actor.require(Permission.ESCALATION_START)
    form = StartForm(request.POST if request.method == "POST" else None, actor=actor, initial={"incident": request.GET.get("incident", "")})
    if form.is_bound and form.is_valid():
        about = form.cleaned_data["incident"]
        try:
            run = start_run(
                actor=actor,
                now=now,
                tree=row,
                title=form.cleaned_data["title"],
                body=form.cleaned_data["body"],
                subject=f"incident:{about}" if about else "",
            )
        except DomainError as error:
            beside_fields(form, error)
        else:
            messages.success(request, "The first step is called. This page shows who answers.")
            return redirect("console:escalation_run", run.public_id)
    trees = trees_by_key()
    firings = simulate(world_of(trees, [row.key], now, now), row.key, now)
    reached = len({name for firing in firings[:1] for name in firing.reached})
    context = {"tree": row, "form": form, "firings": firings, "now": now, "first": reached}
    return render(request, "console/escalation/start.html", context, status=422 if form.is_bound else 200)


@page
@require_safe
def run(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was told when, who answered, what comes next."""
    actor, now = who(request), utc_now()
    row = visible_run(actor, public_id)
    is_mine = was_called(row, actor)
    answered = row.acknowledgements.filter(stakeholder__user=actor.user) | row.acknowledgements.filter(user=actor.user)
    context = {
        "run": row,
        "steps": row.steps.prefetch_related("calls"),
        "holder": first_answer(row),
        "answers": row.acknowledgements.all(),
        "report": run_report(row),
        "next": row.steps.filter(fired_at__isnull=True, skipped=False).order_by("due_at").first() if row.ended_at is None else None,
        "incident": _incident(actor, row),
        "may_answer": (is_mine or actor.may(Permission.ESCALATION_TAKE)) and not answered.exists(),
        "may_stop": row.ended_at is None and actor.may(Permission.DRILL_RUN if row.drill_id else Permission.ESCALATION_START),
        "now": now,
    }
    return render(request, "console/escalation/run.html", context)


def _incident(actor: Actor, row: EscalationRun) -> Incident | None:
    public_id = row.subject.partition(":")[2]
    return Incident.objects.visible_to(actor).filter(public_id=public_id).first() if public_id else None


@page
@require_POST
def answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """The signed-in person has it."""
    actor = who(request)
    row = visible_run(actor, public_id)
    acknowledge_run(actor=actor, now=utc_now(), run=row)
    messages.success(request, "Your answer is on record." if row.drill_id or row.ended_at else "You have it. Nobody more is called.")
    return redirect("console:escalation_run", row.public_id)


@page
@require_POST
def stop(request: HttpRequest, public_id: str) -> HttpResponse:
    """Nobody more is called."""
    actor = who(request)
    row = visible_run(actor, public_id)
    try:
        stop_run(actor=actor, now=utc_now(), run=row, reason=request.POST.get("reason", ""))
    except DomainError as error:
        refuse(request, error)
    else:
        messages.success(request, "Stopped: nobody more is called.")
    return redirect("console:escalation_run", row.public_id)
