"""What must hold for the fields of a stakeholder."""

from collections.abc import Mapping, Sequence

from core.errors import InvalidInput
from stakeholders.rules.fields import problems_of, tag_problems


def check_fields(values: Mapping[str, str], *, tags: Sequence[str] = ()) -> None:
    """Raises `InvalidInput` naming every field at fault and its cure."""
    fields = problems_of(values)
    if found := tag_problems(tags):
        fields["tags"] = found
    if fields:
        raise InvalidInput("Correct the fields named and send again.", fields=fields)
