"""What a letter consists of before it becomes MIME or a provider's JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string

from notifications.rules.letters import UNSUBSCRIBE_PLACE
from notifications.rules.markdown import to_html, to_text
from notifications.rules.states import MessageKind
from notifications.rules.times import in_words, zone_named
from notifications.transports.bodies import body_of, instants_in
from notifications.transports.contract import MessageView

LAYOUTS = {MessageKind.RELEASE: "mail_update", MessageKind.VERIFICATION: "mail_confirm"}
INSTANTS = ("released_at", "next_due_at", "at", "due_at")


@dataclass(frozen=True, slots=True)
class MailParts:
    """Headers that all readers share (`From` and `Subject` among them), the text, the HTML. `UNSUBSCRIBE_PLACE` stands in both
    where the letter has a link that is its reader's own."""

    headers: dict[str, str]
    text: str
    html: str


def sender_address() -> str:
    """The envelope's sender."""
    return _address_in(settings.DEFAULT_FROM_EMAIL)


@lru_cache(maxsize=8)
def _address_in(sender: str) -> str:
    return parseaddr(sender)[1]


def instants_of(message: MessageView, zone_name: str) -> dict[str, str]:
    """The message's instants in words of a zone, by name."""
    zone = zone_named(zone_name)
    return {name: in_words(at, zone) for name, at in named_instants(message).items()}


def named_instants(message: MessageView) -> dict[str, datetime]:
    """Those among its facts, and those that its text marks."""
    facts = {name: datetime.fromisoformat(message.facts[name]) for name in INSTANTS if message.facts.get(name)}
    return facts | {_name(at): at for at in instants_in(message)}


def _name(at: datetime) -> str:
    """What an instant marked in the text is called: letters and digits alone, so that it stays whole in text, HTML and JSON."""
    return f"AT{round(at.timestamp() * 1_000_000)}"


def mail_parts(message: MessageView, audience: str, audience_name: str, instants: Mapping[str, str]) -> MailParts:
    """One audience's letter, with these words for its instants."""
    wording = message.wording[audience]
    body = body_of(message, audience, lambda at: instants[_name(at)])
    is_release = message.kind == MessageKind.RELEASE
    context = {
        "title": wording["title"],
        "body": body,
        "body_html": to_html(body),
        "facts": {**message.facts, "components": message.components_for(audience)},
        "times": instants,
        "audience_name": audience_name,
        "page_name": settings.PUBLIC_PAGE_NAME,
        "page_url": settings.PUBLIC_PAGE_URL,
        "link": settings.CONSOLE_URL + message.facts.get("path", "/console/"),
        "unsubscribe_url": UNSUBSCRIBE_PLACE,
        "path": message.facts.get("path", ""),
        "is_drill": message.kind == MessageKind.DRILL,
    }
    name = "mail_call" if message.facts.get("answer") else LAYOUTS.get(message.kind, "mail_notice")
    headers = {"From": settings.DEFAULT_FROM_EMAIL, "Subject": " ".join(wording["title"].split()), "Auto-Submitted": "auto-generated"}
    if is_release:
        domain = sender_address().rpartition("@")[2]
        headers |= {"List-Id": f"<{audience}.{domain}>", "Precedence": "list"}
    text = render_to_string(f"{name}.txt", context | {"body": to_text(body)})
    return MailParts(headers, text, render_to_string(f"{name}.html", context))
