"""Escalation trees: the list, one tree with its week, and the editor."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Team
from accounts.rules.roles import Permission
from console.forms.escalation import TreeDraft, choices
from console.queries.escalation import AHEAD, found_words, recent_drills, tree_rows, week
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import Conflict, DomainError, InvalidInput
from notifications.queries.escalation import visible_runs
from stakeholders.models import EscalationTree
from stakeholders.queries.escalation import overdue_drills, visible_drills, visible_tree, visible_trees
from stakeholders.queries.escalation_world import as_rule, as_target, trees_by_key, world_of
from stakeholders.rules.escalation_check import check
from stakeholders.services.escalation_trees import change_tree, create_tree, draft_of, retire_tree, use_tree_again

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@page
@require_safe
def trees(request: HttpRequest) -> HttpResponse:
    """All trees with what is wrong, runs that nobody has answered, drills."""
    actor, now = who(request), utc_now()
    listed = visible_trees(actor)
    open_runs = visible_runs(actor).filter(ended_at__isnull=True, drill__isnull=True)
    context = {
        "rows": tree_rows(listed.filter(retired_at__isnull=True), now),
        "retired": listed.filter(retired_at__isnull=False),
        "runs": open_runs[:50],
        "past": visible_runs(actor).filter(ended_at__isnull=False, drill__isnull=True)[:10],
        "drills": recent_drills(visible_drills(actor)),
        "overdue": overdue_drills(now),
        "now": now,
        "may_write": actor.may(Permission.STAKEHOLDER_WRITE),
        "may_start": actor.may(Permission.ESCALATION_START),
        "may_drill": actor.may(Permission.DRILL_RUN),
    }
    return render(request, "console/escalation.html", context)


@page
@require_safe
def tree(request: HttpRequest, key: str) -> HttpResponse:
    """One tree: its steps, what is wrong, and a calendar week of it in its own zone."""
    actor, now = who(request), utc_now()
    row = visible_tree(actor, key)
    zone = ZoneInfo(row.time_zone)
    shown = week(as_rule(row), trees_by_key(), _asked_week(request, now, zone), zone)
    context = {
        "tree": row,
        "steps": [(step, [as_target(target) for target in step.targets.all()]) for step in row.steps.all()],
        "week": shown,
        "numbers": range(24),
        "days": [WEEKDAYS[day] for day in row.covered_days],
        "every_day": len(row.covered_days) == 7,
        "previous": (shown.start - timedelta(days=1)).astimezone(zone).date(),
        "following": (shown.end + timedelta(days=1)).astimezone(zone).date(),
        "last_day": (shown.end - timedelta(seconds=1)).astimezone(zone).date(),
        "runs": visible_runs(actor).filter(tree=row)[:10],
        "may_write": actor.may(Permission.STAKEHOLDER_WRITE),
        "may_start": actor.may(Permission.ESCALATION_START),
        "may_drill": actor.may(Permission.DRILL_RUN),
    }
    return render(request, "console/escalation/tree.html", context)


def _asked_week(request: HttpRequest, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant whose week is shown: noon of the day in the address, within ten years, else now."""
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return now
    if abs(day - now.date()) > timedelta(days=3650):
        return now
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def tree_new(request: HttpRequest) -> HttpResponse:
    """A new tree."""
    return _editor(request, None)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def tree_edit(request: HttpRequest, key: str) -> HttpResponse:
    """The tree as a whole."""
    return _editor(request, visible_tree(who(request), key))


def _editor(request: HttpRequest, row: EscalationTree | None) -> HttpResponse:
    """Every button but “Save” shows the form again with what it did; nothing is stored before that."""
    actor = who(request)
    actor.require(Permission.STAKEHOLDER_WRITE)
    errors: dict[str, str] = {}
    wanted = ""
    if request.method == "POST":
        draft, wanted = TreeDraft.typed(request.POST), request.POST.get("act", "")
        if wanted == "save":
            try:
                saved = _save(request, row, draft)
            except InvalidInput as error:
                errors = draft.place_errors(error.fields)
            except Conflict as error:
                errors = draft.place_errors(error.fields) or {"": error.message}
            else:
                messages.success(request, f"“{saved.name}” is saved. Runs that are on their way keep the steps they began with.")
                return redirect("console:escalation_tree", saved.key)
        else:
            draft.act(wanted, request.POST)
    else:
        draft = TreeDraft.of(row) if row is not None else TreeDraft(time_zone=actor.require_person().time_zone)
        if row is None:
            draft.act("add", request.POST)
    draft.look()
    context = {
        "tree": row,
        "draft": draft,
        "errors": errors,
        "wrong": bool(errors) or any(step.errors for step in draft.steps),
        "choices": choices(row.key if row is not None else ""),
        "teams": Team.objects.order_by("name"),
        "weekdays": list(enumerate(WEEKDAYS)),
        # Of a tree that nobody has begun to fill there is nothing to mend.
        "begun": row is not None or draft.calls_somebody or wanted == "look",
        "findings": _findings(row, draft, actor.require_person().time_zone) if wanted != "save" or not errors else [],
    }
    return render(request, "console/escalation/editor.html", context, status=422 if context["wrong"] else 200)


def _save(request: HttpRequest, row: EscalationTree | None, draft: TreeDraft) -> EscalationTree:
    actor, given = who(request), draft.given()
    if row is None:
        return create_tree(actor=actor, now=utc_now(), key=draft.key.strip() or slugify(draft.name)[:64], given=given)
    return change_tree(actor=actor, now=utc_now(), tree=row, edition=draft.edition, given=given)


def _findings(row: EscalationTree | None, draft: TreeDraft, zone: str) -> list[object]:
    """What the check says of the tree as typed; nothing while a number is missing."""
    try:
        given = draft.given()
    except InvalidInput:
        return []
    key = row.key if row is not None else "draft-of-a-new-tree"
    now = utc_now()
    known = trees_by_key()
    try:
        known[key] = draft_of(key, given)
        found = check(world_of(known, [key], now, now + AHEAD), key, now, now + AHEAD)
    except (KeyError, ValueError):
        # A zone that is no zone: the field says so when it is saved.
        return []
    return list(found_words(found, ZoneInfo(zone)))


@page
@require_POST
def tree_retire(request: HttpRequest, key: str) -> HttpResponse:
    """Out of use, or into use again."""
    actor = who(request)
    row = visible_tree(actor, key)
    try:
        if request.POST.get("again"):
            use_tree_again(actor=actor, now=utc_now(), tree=row)
            messages.success(request, f"“{row.name}” is in use again.")
        else:
            retire_tree(actor=actor, now=utc_now(), tree=row)
            messages.success(request, f"“{row.name}” is retired: it calls nobody. What ran stays on record.")
    except DomainError as error:
        refuse(request, error)
    return redirect(reverse("console:escalation"))
