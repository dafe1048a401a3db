"""Tables as text: which encoding and which delimiter a file has, which column means what, and cells that no spreadsheet runs."""

import codecs
import csv
import re
from collections.abc import Iterable, Sequence

from stakeholders.rules.entries import FIELDS
from stakeholders.rules.kinds import ContactKind

CONTACTS = tuple(kind.value for kind in ContactKind)
TARGETS = (*FIELDS, *CONTACTS)
DELIMITERS = ",;\t|"
MOST_COLUMNS = 100
# What separates several keys, tags or addresses in one cell.
_SEPARATOR = re.compile(r"[;|\n]+")
_HEADING = re.compile(r"[^a-z0-9]+")
# A spreadsheet runs what begins so as a formula (OWASP, CSV injection).
_RUN = ("=", "+", "-", "@", "\t", "\r")

_ALSO: dict[str, tuple[str, ...]] = {
    "external_id": ("id", "customer_id", "account_id", "crm_id", "externalid", "kundennummer"),
    "kind": ("type", "art"),
    "name": ("full_name", "account", "account_name", "company", "customer"),
    "organisation": ("organization", "parent", "parent_account"),
    "success_manager": ("csm", "customer_success_manager", "account_manager"),
    "language": ("lang", "locale", "sprache"),
    "time_zone": ("timezone", "tz", "zone"),
    "depends_on": ("components", "component", "services"),
    "audiences": ("audience", "lists", "groups"),
    "tags": ("tag", "labels"),
    "quiet_from": ("quiet_start", "do_not_disturb_from"),
    "quiet_until": ("quiet_end", "do_not_disturb_until"),
    "email": ("e_mail", "mail", "email_address", "e_mail_address"),
    "sms": ("phone", "mobile", "telephone", "phone_number", "cell", "telefon", "handy"),
    "webhook": ("webhook_url", "callback"),
    "slack": ("slack_webhook", "slack_url"),
    "teams": ("teams_webhook", "teams_url", "ms_teams"),
}


def encoding_of(pieces: Iterable[bytes]) -> str:
    """UTF-8 where every byte of the file fits it, UTF-16 where it says so, else the western European code page of Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for piece in pieces:
            if first:
                first = False
                if piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    return "utf-16"
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def delimiter_of(sample: str) -> str:
    """The delimiter, by the csv module's sniffer; where it is at a loss, the one that the headings hold most of."""
    heading = sample.lstrip().partition("\n")[0]
    try:
        found = csv.Sniffer().sniff(sample, DELIMITERS).delimiter
    except csv.Error:
        found = ""
    return found if found and found in heading else max(DELIMITERS, key=heading.count)


def guessed(headings: Sequence[str]) -> dict[str, str]:
    """For each column (by its number, as text) the field that its heading seems to mean; a plain field is meant once."""
    words = {str(number): _HEADING.sub("_", heading.strip().lower()).strip("_") for number, heading in enumerate(headings)}
    # What is named exactly first: “external_id” is it, also where another column is called “id”.
    found = {number: word for number, word in words.items() if word in TARGETS}
    for number, word in words.items():
        for target in TARGETS:
            alike = word in _ALSO.get(target, ()) or (target in CONTACTS and word.rstrip("_0123456789") == target)
            if number not in found and alike and (target in CONTACTS or target not in found.values()):
                found[number] = target
    return _once(found)


def _once(found: dict[str, str]) -> dict[str, str]:
    """Without the second column of the same plain name."""
    seen: set[str] = set()
    kept = {}
    for number in sorted(found, key=int):
        if found[number] in CONTACTS or found[number] not in seen:
            kept[number] = found[number]
            seen.add(found[number])
    return kept


def several(cell: str) -> list[str]:
    """The entries of a cell that may hold several, separated by semicolons, bars or line ends."""
    return [part.strip() for part in _SEPARATOR.split(cell) if part.strip()]


def guarded(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(_RUN) else cell


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that `guarded` puts there."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RUN) else cell
