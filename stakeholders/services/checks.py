"""What must hold for the fields of a stakeholder."""

import re

from core.errors import InvalidInput
from stakeholders.rules.kinds import StakeholderKind
from stakeholders.rules.languages import is_language, is_time_zone

# A name may stand in the header of a message, where a line end would begin another header.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def check_fields(*, kind: str, name: str, time_zone: str, language: str) -> None:
    """Raises `InvalidInput` naming every field at fault and its cure."""
    fields: dict[str, list[str]] = {}
    if kind not in set(StakeholderKind):
        fields["kind"] = [f"Choose one of {', '.join(StakeholderKind)}."]
    if not name.strip() or len(name) > 200 or _CONTROL.search(name.strip()):
        fields["name"] = ["Give a name of 1 to 200 characters, on one line."]
    if not is_time_zone(time_zone):
        fields["time_zone"] = ["Give an IANA time zone, for instance Europe/Berlin."]
    if len(language) > 12 or not is_language(language):
        fields["language"] = ["Give a language tag, for instance en or pt-BR."]
    if fields:
        raise InvalidInput("Correct the fields named and send again.", fields=fields)
