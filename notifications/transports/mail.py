"""Letters out of messages: rendered once per wording and zone, addressed per reader."""

from collections import OrderedDict
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings

from notifications.rules.dkim import Signer, signer_with
from notifications.rules.letters import LetterForm, build, safe_header
from notifications.transports.contract import Letter, MessageView
from notifications.transports.mail_parts import instants_of, mail_parts, sender_address
from notifications.transports.personal_links import asks_for_an_answer, personal_link, unsubscribe_link

_KEPT_FORMS = 128
_forms: OrderedDict[tuple[str, str, str, str], LetterForm] = OrderedDict()


@lru_cache(maxsize=8)
def _date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))


def compose(letter: Letter, *, at: datetime) -> bytes:
    """The bytes for one reader."""
    form = _form(letter.message, letter.audience_key, letter.audience_name, letter.zone)
    key, link, unsubscribe = letter.key, personal_link(letter), ""
    if letter.unsubscribe is not None:
        # A drill's own link answers it; what ends its mail stands in the header alone.
        ends = unsubscribe_link(letter) if asks_for_an_answer(letter) else link
        unsubscribe = f"List-Unsubscribe: <{ends}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    headers = (
        f"To: {safe_header(letter.address)}\r\nDate: {_date(int(at.timestamp()))}\r\n"
        f"Message-ID: <{key}@{_domain()}>\r\nX-Delivery-Key: {key}\r\n{unsubscribe}"
    )
    data = form.addressed(headers, link)
    signer = _signer(settings.DKIM_DOMAIN or _domain(), settings.DKIM_SELECTOR, settings.DKIM_PRIVATE_KEY)
    return signer.signed(data, at=int(at.timestamp())) if signer is not None else data


@lru_cache(maxsize=4)
def _signer(domain: str, selector: str, pem: str) -> Signer | None:
    """Nothing is signed where no key is set up. Raises `UnusableKey`: better no letter than one that readers' servers refuse."""
    return signer_with(domain=domain, selector=selector, pem=pem) if selector and pem else None


def _domain() -> str:
    return sender_address().rpartition("@")[2]


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
