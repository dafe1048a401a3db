"""Letters out of messages: rendered once per wording and zone, addressed per reader."""

from collections import OrderedDict
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings

from notifications.rules.letters import LetterForm, build
from notifications.transports.contract import Letter, MessageView
from notifications.transports.mail_parts import instants_of, mail_parts, sender_address
from notifications.transports.personal_links import personal_link

_KEPT_FORMS = 128
_forms: OrderedDict[tuple[str, str, str, str], LetterForm] = OrderedDict()


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
    address = personal_link(letter)
    if letter.unsubscribe is not None:
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


def _rendered(message: MessageView, audience: str, audience_name: str, zone: str) -> LetterForm:
    parts = mail_parts(message, audience, audience_name, instants_of(message, zone))
    return build(headers=parts.headers, text=parts.text, html=parts.html)
