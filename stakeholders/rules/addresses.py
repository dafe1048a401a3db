"""The normal form of an address, in which it is stored and compared."""

import re
from urllib.parse import urlsplit, urlunsplit

import idna
import phonenumbers

from stakeholders.rules.kinds import WEB, ContactKind

EMAIL_CURE = "Enter an e-mail address of the form name@example.com."
NUMBER_CURE = "Enter a telephone number with its country, for instance +49 30 901820."
URL_CURE = "Enter a web address that begins with https:// and holds no user name."
LONGEST = {ContactKind.EMAIL: 320} | dict.fromkeys(WEB, 1000)

# RFC 5322 §3.2.3, dot-atom. Quoted local parts are refused: they are where header injection hides.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PRINTABLE = re.compile(r"[!-~]+")
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class BadAddress(ValueError):
    """What was given is no address of that kind; the message says the cure."""


def normal_address(kind: str, text: str, *, country: str = "", loopback: bool = False) -> str:
    """The address as it is stored. Raises `BadAddress`.

    `country` (ISO 3166-1 alpha-2) reads telephone numbers without one; `loopback` allows http to this very machine.
    """
    if kind == ContactKind.EMAIL:
        return normal_email(text)
    if kind == ContactKind.SMS:
        return normal_number(text, country=country)
    if kind in WEB:
        return normal_url(text, loopback=loopback)
    raise BadAddress(f"Choose one of {', '.join(ContactKind)}.")


def normal_email(text: str) -> str:
    """The part before the @ stays as given (RFC 5321 §2.4); the domain in lower case and in ASCII (IDNA 2008, RFC 5891)."""
    local, _, domain = text.strip().rpartition("@")
    if not _LOCAL.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        raise BadAddress(EMAIL_CURE)
    name = _domain(domain, EMAIL_CURE)
    if "." not in name or name.rpartition(".")[2].isdecimal():
        raise BadAddress(EMAIL_CURE)
    return f"{local}@{name}"


def normal_number(text: str, *, country: str = "") -> str:
    """E.164, for instance `+4930901820`. An extension is refused: no message reaches it."""
    try:
        parsed = phonenumbers.parse(text.strip(), country.upper() or None)
    except phonenumbers.NumberParseException as error:
        raise BadAddress(NUMBER_CURE) from error
    if parsed.extension or not phonenumbers.is_possible_number(parsed) or not phonenumbers.is_valid_number(parsed):
        raise BadAddress(NUMBER_CURE)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normal_url(text: str, *, loopback: bool = False) -> str:
    """Scheme and host in lower case, the host in ASCII, no fragment. What the host resolves to is checked when it is dialled."""
    # urlsplit drops line ends and tabs: nothing typed is to mean another address than it shows.
    if any(not char.isprintable() or char.isspace() for char in text.strip()):
        raise BadAddress(URL_CURE)
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise BadAddress(URL_CURE) from error
    here = loopback and parts.scheme in {"http", "https"} and host in _LOOPBACK
    if (parts.scheme != "https" and not here) or parts.username is not None or parts.password is not None or not host:
        raise BadAddress(URL_CURE)
    host = host if here else _domain(host, URL_CURE)
    if not here and ("." not in host or host.rpartition(".")[2].isdecimal()):
        raise BadAddress(URL_CURE)
    place = host if port in {None, 443} and not here else f"{host}:{port}" if port is not None else host
    address = urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
    if not _PRINTABLE.fullmatch(address) or len(address) > LONGEST[ContactKind.WEBHOOK]:
        raise BadAddress(URL_CURE)
    return address


def shown(kind: str, address: str) -> str:
    """The address as lists show it: of a web address, which lets whoever knows it write there, the host and the last four characters."""
    if kind not in WEB:
        return address
    parts = urlsplit(address)
    return f"{parts.netloc}/…{address[-4:]}"


def hinted(address: str) -> str:
    """An e-mail address as a page without sign-in shows it: enough for its reader to know it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _domain(text: str, cure: str) -> str:
    try:
        name = idna.encode(text.strip().rstrip("."), uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise BadAddress(cure) from error
    if len(name) > _LONGEST_DOMAIN or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise BadAddress(cure)
    return name
