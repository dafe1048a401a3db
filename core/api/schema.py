"""What the schema says of every operation alike, added once the rooms have described their own."""

from typing import Any

from core.api.problems import MEDIA_TYPE

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and the cure."},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gets the same answer for a day; with another body, 422.",
    "schema": {"type": "string", "maxLength": 255},
}


def describe_what_is_common(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's postprocessing hook: refusals of every operation are problem documents, the key of every POST."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    refusal = {"description": "Refused.", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/api/v1/"):
                refused = [status for status in operation["responses"] if status.startswith("4")]
                operation["responses"].update(dict.fromkeys([*refused, "default"], refusal))
                if method == "post":
                    operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return result
