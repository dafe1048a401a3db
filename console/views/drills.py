"""Drills: planning one, the report on it, and its export."""

from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.roster import LocalInstantField
from console.views.beside import beside_fields
from console.views.kept import forget, keep, kept
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError, StepUpRequired
from notifications.queries.drill_report import as_json, cells, drill_report
from notifications.rules.coverage import WORDS, Outcome, in_words
from stakeholders.models import Audience, Drill, EscalationTree
from stakeholders.queries import members_of, reachable_contact_points
from stakeholders.queries.audiences import may_drill
from stakeholders.queries.escalation import visible_drill
from stakeholders.queries.imports import csv_line
from stakeholders.services.acknowledge import acknowledge_drill, acknowledge_run
from stakeholders.services.drills import cancel_drill, plan_drill

SHOWN = 200
KEPT = "drill"
HEADINGS = ["name", "outcome", "why", "channels", "step", "told_at", "answered_at", "seconds_to_answer", "answered_by"]


class OptionalInstantField(LocalInstantField):
    """A day and time, or nothing."""

    def clean(self, value: str) -> object:  # type: ignore[override]  # nothing is a value too
        return super().clean(value) if str(value or "").strip() else None


class DrillForm(forms.Form):
    """To whom, what, and when."""

    to = forms.ChoiceField(label="To", help_text="A tree is walked step by step, with its waits. An audience is told at once.")
    title = forms.CharField(max_length=150, initial="Can we reach you?", help_text="“DRILL:” stands before it in every subject.")
    body = forms.CharField(
        label="Text",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It begins and ends by saying that this is a drill and that nothing has happened.",
    )
    planned_for = OptionalInstantField(label="Begins at", required=False, help_text="Empty: now.")
    collect_hours = forms.IntegerField(label="Collect answers for (hours)", min_value=1, max_value=336, initial=24)
    critical = forms.BooleanField(
        label="As in earnest: before all other messages, and in people's quiet hours",
        required=False,
        help_text="Otherwise it goes last and wakes nobody.",
    )

    def __init__(self, data: object, *, actor: Actor, zone: ZoneInfo, initial: dict[str, object]) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # what Django's form takes
        trees = EscalationTree.objects.filter(retired_at__isnull=True).order_by("name")
        audiences = [audience for audience in Audience.objects.all() if may_drill(actor, audience)]
        self.fields["to"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("Escalation trees", [(f"tree:{tree.key}", tree.name) for tree in trees]),
            ("Audiences", [(f"audience:{audience.key}", audience.name) for audience in audiences]),
        ]
        self.fields["planned_for"].zone = zone  # type: ignore[attr-defined]  # a field of ours


@page
@require_http_methods(["GET", "HEAD", "POST"])
def drill_new(request: HttpRequest) -> HttpResponse:
    """Plans a drill or sends it now. The step before last says how many real people get it."""
    actor, now = who(request), utc_now()
    actor.require(Permission.DRILL_RUN)
    zone = ZoneInfo(actor.require_person().time_zone)
    initial = {"to": request.GET.get("to", ""), **kept(request, KEPT)}
    form = DrillForm(request.POST if request.method == "POST" else None, actor=actor, zone=zone, initial=initial)
    confirm: dict[str, object] = {}
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        kind, _, key = given["to"].partition(":")
        tree = EscalationTree.objects.filter(key=key).first() if kind == "tree" else None
        audience = Audience.objects.filter(key=key).first() if kind == "audience" else None
        # Sure of exactly these people: whoever chose others after that looks again.
        if request.POST.get("sure") == given["to"]:
            try:
                made = plan_drill(
                    actor=actor,
                    now=now,
                    title=given["title"],
                    body=given["body"],
                    tree=tree,
                    audience=audience,
                    planned_for=given["planned_for"],
                    collect_minutes=given["collect_hours"] * 60,
                    critical=given["critical"],
                )
            except StepUpRequired as error:
                return keep(request, error, KEPT, *form.fields)
            except DomainError as error:
                beside_fields(form, error)
            else:
                forget(request, KEPT)
                messages.success(request, "The drill is sent." if made.started_at else "The drill is planned.")
                return redirect("console:drill", made.public_id)
        else:
            confirm = _confirm(tree, audience)
    context = {"form": form, "zone": zone.key, "confirm": confirm}
    return render(request, "console/escalation/drill_new.html", context, status=422 if form.is_bound and not confirm else 200)


def _confirm(tree: EscalationTree | None, audience: Audience | None) -> dict[str, object]:
    if audience is None:
        return {"name": tree.name if tree else "", "tree": tree}
    people = members_of([audience.key]).count()
    reached = reachable_contact_points([audience.key]).values("stakeholder").distinct().count()
    return {"name": audience.name, "audience": audience, "people": people, "reached": reached}


@page
@require_safe
def drill(request: HttpRequest, public_id: str) -> HttpResponse:
    """The report: who answered how soon, whom it did not reach and why."""
    actor = who(request)
    row = visible_drill(actor, public_id)
    found = drill_report(row)
    chosen = request.GET.get("show", "")
    lines = [line for line in found.lines if not chosen or line.outcome == chosen]
    mine = row.run if row.tree_id and hasattr(row, "run") else row
    answered = (
        mine.acknowledgements.filter(stakeholder__user=actor.user) | mine.acknowledgements.filter(user=actor.user)
        if row.started_at
        else None
    )
    context = {
        "drill": row,
        "report": found,
        "lines": [(line, WORDS[line.outcome], in_words(line.took)) for line in lines[:SHOWN]],
        "hidden": max(0, len(lines) - SHOWN),
        "counts": [(outcome, WORDS[outcome], found.counts[outcome]) for outcome in Outcome],
        "chosen": chosen,
        "half": in_words(found.half),
        "slowest": in_words(found.slowest),
        "may_drill": actor.may(Permission.DRILL_RUN),
        "may_answer": answered is not None and not answered.exists() and _went_to(actor, row),
        "over": row.closed_at is not None or row.cancelled_at is not None,
    }
    return render(request, "console/escalation/drill.html", context)


def _went_to(actor: Actor, row: Drill) -> bool:
    if row.audience is None:
        return False
    return members_of([row.audience.key]).filter(user=actor.user).exists()


@page
@require_POST
def drill_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """The signed-in person was reached."""
    actor = who(request)
    row = visible_drill(actor, public_id)
    if row.tree_id and hasattr(row, "run"):
        acknowledge_run(actor=actor, now=utc_now(), run=row.run)
    else:
        acknowledge_drill(actor=actor, now=utc_now(), drill=row)
    messages.success(request, "Your answer is on record.")
    return redirect("console:drill", row.public_id)


@page
@require_POST
def drill_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Called off."""
    actor = who(request)
    row = visible_drill(actor, public_id)
    try:
        cancel_drill(actor=actor, now=utc_now(), drill=row, reason=request.POST.get("reason", ""))
    except DomainError as error:
        refuse(request, error)
    else:
        messages.success(request, "The drill is called off: nobody more is told.")
    return redirect("console:drill", row.public_id)


@page
@require_safe
def drill_csv(request: HttpRequest, public_id: str) -> HttpResponse:
    """The report as a table for a spreadsheet."""
    row = visible_drill(who(request), public_id)
    lines = [csv_line(HEADINGS)]
    lines += [csv_line([str(value) for value in cells(line).values()]) for line in drill_report(row).lines]
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="drill-{row.public_id}.csv"'
    return answer


@page
@require_safe
def drill_json(request: HttpRequest, public_id: str) -> HttpResponse:
    """The report for a program."""
    row = visible_drill(who(request), public_id)
    return JsonResponse(as_json(row), json_dumps_params={"indent": 2})
