"""What the log says of a request, and what it keeps to itself."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from core.logs import logging_settings
from tests.support.cast import Cast

Lines = Callable[[], list[dict[str, Any]]]


def show(request: HttpRequest, token: str = "") -> HttpResponse:
    assert request.user.pk or request.user.is_anonymous
    logging.getLogger("somewhere").warning("Mail to %s bounced", "ada@example.com")
    return HttpResponse("ok")


def fail(request: HttpRequest) -> HttpResponse:
    raise ValueError("refused: bob@example.com")


urlpatterns = [path("unsubscribe/<str:token>/", show), path("plain/", show), path("fail/", fail)]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines that production would have written since."""
    logging.config.dictConfig(logging_settings(level="INFO", as_json=True))
    written = io.StringIO()
    handler = next(one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.config.dictConfig(settings.LOGGING)


def test_each_request_is_one_line_with_its_id_and_person(cast: Cast, lines: Lines) -> None:
    client = Client()
    client.force_login(cast.comms, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/plain/?q=secret", REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="agent")
    [bounce, finished] = lines()
    assert (finished["event"], finished["request"], finished["code"]) == ("request_finished", "GET /plain/", 200)
    assert finished["user_id"] == str(cast.comms.pk)
    assert finished["request_id"] == bounce["request_id"] == answer.headers["X-Request-ID"]
    assert not any(word in json.dumps(lines()) for word in ("secret", "203.0.113.9", "agent"))


def test_no_mail_address_is_logged(lines: Lines) -> None:
    Client().get("/plain/")
    assert lines()[0]["event"] == "Mail to [address] bounced"


def test_a_fault_is_logged_once_with_its_traceback_and_without_addresses(lines: Lines) -> None:
    Client(raise_request_exception=False).get("/fail/")
    [failed] = lines()
    assert failed["event"] == "request_failed"
    assert "ValueError: refused: [address]" in failed["exception"]


def test_a_token_in_an_address_is_masked(lines: Lines) -> None:
    Client().get("/unsubscribe/s3cr3t/")
    assert lines()[-1]["request"] == "GET /unsubscribe/[token]/"
    assert "s3cr3t" not in json.dumps(lines())
