"""Letters out of messages: rendered once per wording and zone, addressed per reader."""

from collections import OrderedDict
from datetime import datetime
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.template.loader import render_to_string

from notifications.rules.letters import UNSUBSCRIBE_PLACE, LetterForm, build
from notifications.rules.markdown import to_html, to_text
from notifications.rules.states import MessageKind
from notifications.rules.times import in_words, zone_named
from notifications.transports.contract import Letter, MessageView
from notifications.transports.unsubscribe_links import link_for

_KEPT_FORMS = 128
_forms: OrderedDict[tuple[str, str, str, str], LetterForm] = OrderedDict()


def sender_address() -> str:
    """The envelope's sender."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def compose(letter: Letter, *, at: datetime) -> bytes:
    """The bytes for one reader."""
    form = _form(letter.message, letter.audience_key, letter.audience_name, letter.zone)
    domain = sender_address().rpartition("@")[2]
    key = str(letter.key)
    headers = {
        "To": letter.address,
        "Date": format_datetime(at),
        "Message-ID": f"<{key}@{domain}>",
        "X-Delivery-Key": key,
    }
    address = ""
    if letter.unsubscribe is not None:
        address = link_for(*letter.unsubscribe)
        headers |= {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return form.addressed(headers, address)


def _form(message: MessageView, audience: str, audience_name: str, zone: str) -> LetterForm:
    wanted = (message.public_id, audience, zone, settings.DEFAULT_FROM_EMAIL)
    form = _forms.get(wanted)
    if form is None:
        form = _rendered(message, audience, audience_name, zone)
        _forms[wanted] = form
        if len(_forms) > _KEPT_FORMS:
            _forms.popitem(last=False)
    return form


def _rendered(message: MessageView, audience: str, audience_name: str, zone_name: str) -> LetterForm:
    wording, zone = message.wording[audience], zone_named(zone_name)
    is_release = message.kind == MessageKind.RELEASE
    instants = {
        name: in_words(datetime.fromisoformat(message.facts[name]), zone)
        for name in ("released_at", "next_due_at", "at")
        if message.facts.get(name)
    }
    context = {
        "title": wording["title"],
        "body": wording["body"],
        "body_html": to_html(wording["body"]),
        "facts": {**message.facts, "components": _components(message, audience)},
        "times": instants,
        "audience_name": audience_name,
        "page_name": settings.PUBLIC_PAGE_NAME,
        "page_url": settings.PUBLIC_PAGE_URL,
        "link": settings.CONSOLE_URL + message.facts.get("path", "/console/"),
        "unsubscribe_url": UNSUBSCRIBE_PLACE,
    }
    name = "mail_update" if is_release else "mail_notice"
    headers = {"From": settings.DEFAULT_FROM_EMAIL, "Subject": " ".join(wording["title"].split()), "Auto-Submitted": "auto-generated"}
    if is_release:
        domain = sender_address().rpartition("@")[2]
        headers |= {"List-Id": f"<{audience}.{domain}>", "Precedence": "list"}
    text = render_to_string(f"{name}.txt", context | {"body": to_text(wording["body"])})
    return build(headers=headers, text=text, html=render_to_string(f"{name}.html", context))


def _components(message: MessageView, audience: str) -> list[dict[str, str]]:
    """The affected components that the audience may be told of: colleagues read all, others the public ones."""
    all_: list[dict[str, str]] = message.facts.get("components", [])
    if audience in message.facts.get("internal_audiences", []):
        return all_
    return [component for component in all_ if component["is_public"]]
