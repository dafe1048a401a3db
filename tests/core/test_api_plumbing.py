"""What every API route shares: problems, parsing, strictness, conditional requests, sessions."""

import base64
import json
from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from catalogue.services import create_component
from core.api.conditional import etag, required_version
from core.errors import PreconditionRequired, StaleRevision
from tests.support.cast import NOW, Cast


@pytest.fixture
def component(cast: Cast) -> str:
    made = create_component(actor=cast.actor("admin"), now=NOW, key="checkout", name="Checkout")
    return f"/api/v1/components/{made.public_id}/"


def test_someone_not_signed_in_gets_401_and_the_way_in(cast: Cast) -> None:
    answer = Client().get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (401, "Not signed in")
    assert problem["type"].startswith("urn:statuscomms:problem:")


def test_a_session_changes_nothing_without_the_csrf_token(cast: Cast, component: str) -> None:
    client = cast.client("admin", enforce_csrf_checks=True)
    change = json.dumps({"status": "major_outage"})
    refused = client.patch(component, change, "application/json")
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "CSRF" in refused.json()["detail"]
    token = client.cookies["csrftoken"].value
    assert client.patch(component, change, "application/json", headers={"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"NaN",
        b"[]",
        b'"x"',
        b"",
        pytest.param(b"[" * 100_000, id="deep"),
        b'{"status": "\\ud800"}',
        b'{"status": "\\u0000"}',
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem_not_a_fault(cast: Cast, component: str, body: bytes) -> None:
    answer = cast.client("admin").patch(component, body, "application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_another_media_type_is_refused(cast: Cast, component: str) -> None:
    answer = cast.client("admin").patch(component, "status=major_outage", "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.headers["Content-Type"]) == (415, "application/problem+json")


def test_an_unknown_field_is_named_with_the_known_ones(cast: Cast, component: str) -> None:
    answer = cast.client("admin").patch(component, {"status": "operational", "statsu": 1}, "application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "statsu", "detail": "Unknown field. Known here: status."}]


def test_an_unknown_filter_is_named_with_the_known_ones(cast: Cast) -> None:
    answer = cast.client("admin").get("/api/v1/components/?staus=operational")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["field"] == "staus"
    assert "status" in error["detail"]


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/", "/api/v1/me", "/api/v1/components/000000000000/"])
def test_what_is_not_there_is_a_problem_document(cast: Cast, path: str) -> None:
    for client in (cast.client("commander"), Client()):
        for method in (client.get, client.post, client.delete):
            answer = method(path)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
            assert answer.status_code in {401, 404, 405}


def test_a_method_that_is_not_offered_is_named(cast: Cast) -> None:
    answer = cast.client("commander").delete("/api/v1/me/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_fault_of_ours_is_a_problem_document_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("commander")
    client.raise_request_exception = False
    monkeypatch.setattr("accounts.api.actor_of", lambda request: 1 / 0)
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "ZeroDivision" not in answer.content.decode()


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10)
def test_a_body_too_large_is_refused_as_such(cast: Cast, component: str) -> None:
    client = Client()
    client.force_login(cast.admin, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.patch(component, {"status": "operational"}, "application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def conditional(value: str | None) -> Request:
    return Request(APIRequestFactory().patch("/", headers={} if value is None else {"If-Match": value}))


def test_the_version_named_is_the_etag_read() -> None:
    assert required_version(conditional(etag(3))) == 3
    assert required_version(conditional(' "4" ')) == 4


@pytest.mark.parametrize("value", [None, "", "*"])
def test_a_change_must_name_a_version(value: str | None) -> None:
    with pytest.raises(PreconditionRequired, match="If-Match"):
        required_version(conditional(value))


@pytest.mark.parametrize("value", ['W/"3"', "3", '"x"', '"3", "4"', '"' + "9" * 40 + '"'])
def test_what_is_no_version_of_ours_matches_nothing(value: str) -> None:
    with pytest.raises(StaleRevision):
        required_version(conditional(value))


def test_the_schema_describes_both_ways_in_and_every_route(cast: Cast) -> None:
    schema = Client().get("/api/schema/?format=json").json()
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}
    assert "/api/v1/me/" in schema["paths"]
    assert "/api/v1/audit/entries/" in schema["paths"]


def test_the_docs_load_from_our_own_origin_alone(cast: Cast) -> None:
    answer = Client().get("/api/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "https://" not in page
    policy = answer.headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "'unsafe-inline'" in directives["style-src"]
    assert "'unsafe-inline'" not in directives["script-src"]
    assert "'unsafe-inline'" not in Client().get("/accounts/login/").headers["Content-Security-Policy"]
    assert Client().get("/api/docs/?script=").headers["Content-Type"].startswith("application/javascript")


@pytest.mark.django_db
@pytest.mark.parametrize("position", ["abc", "\x00", "9" * 400])
@pytest.mark.parametrize("path", ["incidents", "components"])
def test_a_cursor_that_is_not_ours_is_no_failure_of_ours(cast: Cast, path: str, position: str) -> None:
    cursor = base64.b64encode(urlencode({"p": position}).encode()).decode()
    assert cast.client("commander").get(f"/api/v1/{path}/", {"cursor": cursor}).status_code in {200, 404}
