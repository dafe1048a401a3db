"""What Django answers when no view did: a page, or under /api/ a problem document."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from core.api.problems import AGAIN_AFTER, MEDIA_TYPE, problem_document
from core.errors import Busy, is_busy

_WORDS = {
    400: ("bad_request", "The request could not be read."),
    403: ("forbidden", "You may not do this."),
    404: ("not_found", "Not found."),
    413: ("too_large", "The request is larger than can be taken at once. Send less."),
    429: ("too_many_requests", "Too many requests. Wait a minute and try again."),
    503: ("busy", Busy().message),
    500: ("fault", "Something failed here. It was our fault and has been logged; nothing half-done was saved."),
}


def _answer(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _problem(status)
    return render(request, f"errors/{status}.html", context, status=status)


def _problem(status: int) -> HttpResponse:
    return JsonResponse(problem_document(status, *_WORDS[status]), status=status, content_type=MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400`."""
    return _answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler403`."""
    return _answer(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "", **_: Any) -> HttpResponse:
    """`CSRF_FAILURE_VIEW`: the page says that its form has expired, and that nothing was saved."""
    return _answer(request, 403, expired=True)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler404`."""
    return _answer(request, 404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """`handler429`, allauth's name for it."""
    return _answer(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`."""
    return _answer(request, 500)


class TooLargeMiddleware:
    """A form larger than `DATA_UPLOAD_MAX_MEMORY_SIZE` is answered 413: Django would answer 400 and log a fault with a traceback.

    Stands before the check of the form's token, which is what first reads a form. Views free of that check read for themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any) -> HttpResponse | None:
        """Django's hook, called before the view; an answer takes its place."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        try:
            request.POST  # noqa: B018 - reading it is what measures it
        except RequestDataTooBig:
            # Scripts, which take anything, are told as programs are.
            return _answer(request, 413) if "text/html" in request.headers.get("Accept", "") else _problem(413)
        return None


class BusyMiddleware:
    """A view that the database ended for the sake of another transaction answers "try again", not that something failed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django's hook, called for what a view raised."""
        if not is_busy(exception):
            return None
        answer = _answer(request, 503)
        answer["Retry-After"] = AGAIN_AFTER
        return answer
