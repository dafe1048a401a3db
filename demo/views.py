"""The demo's mailbox, for people and for scripts. It shows demo mail only, on loopback only, hence without signing in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from demo import mailbox as kept
from demo.letter import read_letter
from demo.messages import NAMES, answer, list_messages


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every message, newest first, page by page; `to` narrows it to recipients with these letters in their address."""
    to, before = request.GET.get("to", "").strip(), request.GET.get("before", "")
    found = kept.mail_page(kept.mail_folder(), to=to, before=before)
    return render(request, "demo/mailbox.html", {"mail": found.mail, "older": found.older, "before": before, "to": to})


@require_safe
def messages_json(request: HttpRequest) -> JsonResponse:
    """`[{id, to, subject, message_id, at}]`, newest first."""
    found = kept.list_mail(kept.mail_folder(), to=request.GET.get("to", ""))
    return JsonResponse(
        [{"id": m.id, "to": ", ".join(m.to), "subject": m.subject, "message_id": m.message_id, "at": m.at.isoformat()} for m in found],
        safe=False,
    )


@require_safe
def letter(request: HttpRequest, mail_id: str) -> HttpResponse:
    """One letter as its reader sees it: what stands above it, its HTML without what could harm, its plain text."""
    raw = kept.raw_mail(kept.mail_folder(), mail_id)
    if raw is None:
        raise Http404
    return render(request, "demo/letter.html", {"id": mail_id, "letter": read_letter(raw)})


@require_safe
def raw_message(request: HttpRequest, mail_id: str) -> HttpResponse:
    """The message as it arrived."""
    raw = kept.raw_mail(kept.mail_folder(), mail_id)
    if raw is None:
        raise Http404
    return HttpResponse(raw, content_type="message/rfc822", headers={"Content-Disposition": f'inline; filename="{mail_id}.eml"'})


@require_http_methods(["GET", "HEAD", "POST"])
def outside(request: HttpRequest) -> HttpResponse:
    """What the other providers accepted, newest first; a POST answers a text message as its reader would."""
    if request.method == "POST":
        number, text = request.POST.get("number", "").strip(), request.POST.get("text", "").strip()
        if number and text and answer(number, text):
            messages.success(request, f"{number} has answered “{text}”.")
        else:
            messages.error(request, "Nothing was answered: give the number and the words.")
        return redirect("demo-outside")
    provider = request.GET.get("provider", "")
    return render(request, "demo/outside.html", {"shown": list_messages(provider), "provider": provider, "names": NAMES})
