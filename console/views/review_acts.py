"""What is done beside a verdict: opening a review link, claiming a review, remarking on a passage."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.queries.links import link_named
from approvals.services import claim_slot, comment_on_passage, give_up_claim
from console.views.support import page, refuse, revision_from, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound
from incidents.queries import visible_update
from templates.queries import visible_statement


@page
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Leads the person whom the link was made for to the review. It decides nothing, however often it is opened."""
    actor = who(request)
    found = link_named(token)
    if found is None:
        raise NotFound
    statement = found.slot.round.holding_version
    if statement is not None:
        where = reverse("console:holding_review", args=[visible_statement(actor, statement.statement.public_id).public_id])
    else:
        where = reverse("console:review", args=[visible_update(actor, found.slot.round.update_of.public_id).public_id])
    if found.user_id != actor.require_person().pk:
        raise Forbidden("This link was made for somebody else. Sign in as the person whom the letter is addressed to.")
    if found.spent_at is not None:
        messages.info(request, "You have given this verdict already; the link has done its work.")
        return redirect(where)
    return redirect(where if statement is not None else f"{where}?link={token}")


@page
@require_POST
def claim(request: HttpRequest, update_id: str) -> HttpResponse:
    """Says that the reader reviews this now, or no longer."""
    actor = who(request)
    update = visible_update(actor, update_id)
    kind = request.POST.get("kind", "")
    try:
        if request.POST.get("act") == "give_up":
            give_up_claim(actor=actor, now=utc_now(), update_id=update.pk, kind=kind)
        else:
            claim_slot(actor=actor, now=utc_now(), update_id=update.pk, kind=kind)
    except NotFound:
        raise
    except DomainError as error:
        refuse(request, error)
    return redirect("console:review", update.public_id)


@page
@require_POST
def comment(request: HttpRequest, update_id: str) -> HttpResponse:
    """Keeps a remark on a passage; a refusal shows beside the field, with what was typed."""
    actor = who(request)
    update = visible_update(actor, update_id)
    typed = {name: request.POST.get(name, "") for name in ("place", "quote", "text")}
    audience, _, rest = typed["place"].partition("|")
    language, _, field = rest.partition("|")
    try:
        comment_on_passage(
            actor=actor,
            now=utc_now(),
            update_id=update.pk,
            revision=revision_from(request),
            audience=audience,
            language=language,
            field=field,
            quote=typed["quote"].replace("\r\n", "\n"),
            text=typed["text"],
        )
        messages.success(request, "Your comment stands beside the passage.")
    except NotFound:
        raise
    except DomainError as error:
        errors = {name: " ".join(texts) for name, texts in error.fields.items()} or {"quote": error.message}
        request.session[f"passage-{update.public_id}"] = {**typed, "errors": errors}
    return redirect(f"{reverse('console:review', args=[update.public_id])}#comment")
