"""One log line per request, and its id on the answer, so that a person can quote it."""

import uuid

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django_structlog.middlewares import RequestMiddleware


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's, without query strings, network addresses and the tokens that stand in some paths."""

    def prepare(self, request: HttpRequest) -> None:
        # No line for the start: the path is not resolved yet, so a token in it could not be masked.
        structlog.contextvars.bind_contextvars(request_id=str(uuid.uuid4()))

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        response.headers["X-Request-ID"] = structlog.contextvars.get_contextvars()["request_id"]
        super().handle_response(request, response)

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        # Only who is known already: looking the session up for the log alone would be I/O that /healthz must not do.
        known = hasattr(request, "_cached_user") or not isinstance(request.__dict__.get("user"), SimpleLazyObject)
        user = getattr(request, "user", None) if known else None
        structlog.contextvars.bind_contextvars(user_id=str(user.pk) if user is not None and user.pk else None)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        path, match = request.path, request.resolver_match
        if match is not None and (token := match.kwargs.get("token")):
            path = path.replace(str(token), "[token]")
        return f"{request.method} {path}"
