"""Reading a request's body, and answering that something was made."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import StrictSerializer


def given_in(request: Request, shape: type[StrictSerializer]) -> dict[str, Any]:
    """The body as `shape` reads it. Raises DRF's `ValidationError` naming each field at fault."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    given: dict[str, Any] = body.validated_data
    return given


def created(answer: Any, where: str) -> Response:
    """201 with the address of what was made."""
    return Response(answer, status=201, headers={"Location": where})
