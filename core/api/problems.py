"""Errors as `application/problem+json` (RFC 9457), naming the field at fault and the cure."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError


def problem(status_code: int, code: str, detail: str, fields: dict[str, Any] | None = None) -> Response:
    """One problem document. `errors` lists each field with its sentences."""
    titles = {400: "Invalid request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 409: "Conflict", 412: "Out of date"}
    body: dict[str, Any] = {
        "type": f"urn:statuscomms:problem:{code}",
        "title": titles.get(status_code, "Request refused"),
        "status": status_code,
        "detail": detail,
        "code": code,
    }
    if fields:
        body["errors"] = [{"field": name, "detail": text} for name, texts in fields.items() for text in texts]
    return Response(body, status=status_code, content_type="application/problem+json")


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: domain errors and DRF's own become problem documents; anything else is a fault and propagates."""
    set_rollback()
    if isinstance(exc, DomainError):
        return problem(exc.status, exc.code, exc.message, exc.fields)
    if isinstance(exc, Http404):
        return problem(404, "not_found", "Not found.")
    if isinstance(exc, PermissionDenied):
        return problem(403, "forbidden", "You may not do this.")
    if isinstance(exc, exceptions.ValidationError):
        return problem(400, "invalid", "Correct the fields named and send again.", _flatten(exc.detail))
    if isinstance(exc, exceptions.APIException):
        response = problem(exc.status_code, str(exc.default_code), str(exc.detail))
        _retain_headers(exc, response)
        return response
    return None


def _retain_headers(exc: exceptions.APIException, response: Response) -> None:
    if exc.status_code == status.HTTP_401_UNAUTHORIZED:
        response["WWW-Authenticate"] = getattr(exc, "auth_header", "Bearer")
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
