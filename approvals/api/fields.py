"""What bodies and shapes of several nouns share."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from policies.rules.decision import ReviewKind

KINDS = [kind.value for kind in ReviewKind]
LONGEST = 4000


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class RevisionField(serializers.Field[int | str, int | str, int | str, Any]):
    """A revision by its number, or by the content hash that was read."""

    default_error_messages = {"invalid": "Give the number or the content hash of the revision that you read."}

    def to_internal_value(self, data: int | str) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        return int(data) if isinstance(data, str) and data.isdecimal() and len(data) < 10 else data

    def to_representation(self, value: int | str) -> int | str:
        return value


class PassageBody(StrictSerializer):
    """A passage of one text of a revision. Without `start` the quoted words must stand there exactly once."""

    audience = serializers.CharField(max_length=64)
    language = serializers.CharField(max_length=35, default="en")
    field = serializers.ChoiceField(choices=["title", "body"])
    quote = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    start = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, help_text="Offset in characters.")
