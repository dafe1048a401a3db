"""What every serializer of a request body shares."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, so a misspelt name is reported instead of ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [name for name, field in self.fields.items() if not field.read_only]
            unknown = [str(name) for name in data if name not in known]
            if unknown:
                raise serializers.ValidationError({name: [f"Unknown field. Known here: {', '.join(known)}."] for name in unknown})
        return super().to_internal_value(data)
