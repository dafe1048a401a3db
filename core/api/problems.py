"""Errors as `application/problem+json` (RFC 9457), naming the field at fault and the cure."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import Busy, DomainError, is_busy

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Invalid request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Out of date",
    413: "Too large",
    415: "Unsupported media type",
    422: "Contradiction",
    428: "Version missing",
    429: "Too many requests",
    500: "Fault of ours",
    503: "Busy",
}
# Seconds; a deadlock is over as soon as one of the two was ended.
AGAIN_AFTER = "1"


_DJANGOS_OWN: dict[type[Exception], tuple[int, str, str]] = {
    Http404: (404, "not_found", "Not found."),
    PermissionDenied: (403, "forbidden", "You may not do this."),
    RequestDataTooBig: (413, "too_large", "The request body is too large. Send less at once."),
}


def problem_document(status_code: int, code: str, detail: str, fields: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The members of a problem document (RFC 9457 §3.1). `errors` lists each field with its sentences."""
    body: dict[str, Any] = {
        "type": f"urn:statuscomms:problem:{code}",
        "title": TITLES.get(status_code, "Request refused"),
        "status": status_code,
        "detail": detail,
        "code": code,
    }
    if fields:
        body["errors"] = [{"field": name, "detail": text} for name, texts in fields.items() for text in texts]
    return body


def problem(status_code: int, code: str, detail: str, fields: Mapping[str, Sequence[str]] | None = None) -> Response:
    """The answer that carries a problem document."""
    return Response(problem_document(status_code, code, detail, fields), status=status_code, content_type=MEDIA_TYPE)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: domain errors and DRF's own become problem documents; anything else is a fault and propagates."""
    set_rollback()
    if is_busy(exc):
        busy = exc if isinstance(exc, Busy) else Busy()
        response = problem(busy.status, busy.code, busy.message)
        response["Retry-After"] = AGAIN_AFTER
        return response
    if isinstance(exc, DomainError):
        return problem(exc.status, exc.code, exc.message, exc.fields)
    for kind, answer in _DJANGOS_OWN.items():
        if isinstance(exc, kind):
            return problem(*answer)
    if isinstance(exc, exceptions.ValidationError):
        return problem(400, "invalid", "Correct the fields named and send again.", _flatten(exc.detail))
    if isinstance(exc, exceptions.APIException):
        response = problem(exc.status_code, str(exc.default_code), str(exc.detail))
        _retain_headers(exc, response)
        return response
    return None


def _retain_headers(exc: exceptions.APIException, response: Response) -> None:
    if exc.status_code == status.HTTP_401_UNAUTHORIZED:
        # RFC 6750 §3: the error code only where a token was sent.
        refused = isinstance(exc, exceptions.AuthenticationFailed)
        response["WWW-Authenticate"] = 'Bearer realm="api"' + (', error="invalid_token"' if refused else "")
    if wait := getattr(exc, "wait", None):
        response["Retry-After"] = str(int(wait))


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """`{"variants": [{"title": ["…"]}]}` becomes `{"variants.0.title": ["…"]}`."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found.update(_flatten(inner, f"{prefix}.{name}" if prefix else str(name)))
        return found
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        found = {}
        for position, inner in enumerate(detail):
            found.update(_flatten(inner, f"{prefix}.{position}"))
        return found
    return {prefix or "request": [str(item) for item in (detail if isinstance(detail, list) else [detail])]}
