"""The whole run over the API: a token opens, drafts and asks; three people in sessions decide; letters and page follow."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from approvals.services import run_due_schedules
from audit.models import Entry
from core.clock import utc_now
from notifications.services import claim_and_send
from statuspage.services import publish_snapshot
from tests.support.cast import Cast
from tests.support.factories import make_component
from tests.support.releases import subscribers
from tests.support.sinks import Sink, smtp_sink

pytestmark = pytest.mark.django_db(transaction=True)

READERS = ["anna@example.com", "ben@example.com", "cleo@example.com"]


@pytest.fixture
def sink(settings: Settings, tmp_path: Path) -> Iterator[Sink]:
    """A real SMTP server, and a folder for the public page."""
    settings.EMAIL_HOST, settings.STATUSPAGE_DIR = "127.0.0.1", tmp_path / "page"
    with smtp_sink() as running:
        settings.EMAIL_PORT = running.port
        yield running


class Api:
    """One way in: a bearer token, or a signed-in session that sends X-CSRFToken."""

    def __init__(self, client: Client, **headers: str) -> None:
        self._client, self._headers = client, headers

    def post(self, path: str, body: dict[str, Any], expect: int = 201) -> dict[str, Any]:
        answer = self._client.post(f"/api/v1/{path}", body, content_type="application/json", headers=self._headers)
        assert answer.status_code == expect, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def patch(self, path: str, body: dict[str, Any], version: int) -> dict[str, Any]:
        headers = self._headers | {"If-Match": f'"{version}"'}
        answer = self._client.patch(f"/api/v1/{path}", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def get(self, path: str) -> dict[str, Any]:
        answer = self._client.get(f"/api/v1/{path}", headers=self._headers)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found


def by_token(name: str, *scopes: str) -> Api:
    printed = StringIO()
    call_command("api_token", "--user", name, "--scope", *scopes, stdout=printed)
    return Api(Client(), Authorization=f"Bearer {printed.getvalue().strip()}")


def in_session(cast: Cast, name: str) -> Api:
    client = cast.client(name, enforce_csrf_checks=True)
    return Api(client, **{"X-CSRFToken": client.cookies["csrftoken"].value})


def opened(program: Api) -> str:
    make_component(key="checkout", name="Checkout")
    facts = {"title": "Pool exhausted on db-7", "severity": "SEV1", "impact": "major", "stage": "confirmed", "category": "application"}
    incident = program.post("incidents/", facts | {"customer_facing": True, "components": ["checkout"]})
    return str(incident["id"])


def drafted(program: Api, incident: str, status: str = "investigating", **other: Any) -> dict[str, Any]:
    variants = [
        {"audience": "customers", "title": "Checkout fails for some", "body": "Some payments fail. We are on it."},
        {"audience": "internal", "title": "Checkout 5xx", "body": "Pool exhausted since 13:50."},
    ]
    return program.post("updates/", {"incident": incident, "status": status, "variants": variants} | other)


def approved(cast: Cast, update: str, revision: int | str) -> None:
    for name, kind in (("techlead", "technical"), ("comms", "communications")):
        in_session(cast, name).post(f"updates/{update}/reviews/", {"kind": kind, "verdict": "approve", "revision": revision, "comment": ""})


def verified() -> None:
    printed = StringIO()
    call_command("audit_verify", stdout=printed)
    assert re.fullmatch(rf"ok size={Entry.objects.count()} root=[0-9a-f]{{64}}\n", printed.getvalue())


def test_from_incident_to_letters_page_and_proof(cast: Cast, sink: Sink, tmp_path: Path) -> None:
    subscribers(*READERS, now=utc_now())
    program = by_token("commander", "read", "incidents:write", "updates:write")
    incident = opened(program)
    update = drafted(program, incident)["id"]
    edited = program.patch(
        f"updates/{update}/",
        {
            "variants": [
                {"audience": "customers", "title": "Checkout fails for some", "body": "About one payment in ten fails. We are on it."},
            ]
        },
        version=1,
    )
    assert edited["revision"] == 2

    # The token asks, but neither judges nor releases.
    assert program.post(f"updates/{update}/request-review/", {"revision": 2})["state"] == "open"
    verdict = {"kind": "technical", "verdict": "approve", "revision": 2}
    program.post(f"updates/{update}/reviews/", verdict, expect=403)
    program.post(f"updates/{update}/release/", {"revision": 2}, expect=403)
    in_session(cast, "outsider").post(f"updates/{update}/reviews/", verdict, expect=404)
    commander = in_session(cast, "commander")
    commander.post(f"updates/{update}/reviews/", verdict, expect=403)
    commander.post(f"updates/{update}/release/", {"revision": 2}, expect=409)

    approved(cast, update, program.get(f"updates/{update}/")["content_hash"])
    released = commander.post(f"updates/{update}/release/", {"revision": 2})
    assert released["content_hash"] == edited["content_hash"]
    commander.post(f"updates/{update}/release/", {"revision": 2}, expect=409)
    assert program.get(f"releases/{released['id']}/")["deliveries"] == {"planned": len(READERS)}

    while claim_and_send():
        pass
    assert program.get(f"releases/{released['id']}/")["deliveries"] == {"accepted": len(READERS)}
    assert set(READERS) <= set(sink.recipients())
    assert "About one payment in ten fails" in str(sink.letter_to("anna@example.com").get_body(("plain",)))

    publish_snapshot(now=utc_now())
    page = "".join(path.read_text() for path in (tmp_path / "page").rglob("index.html"))
    assert "About one payment in ten fails" in page
    assert "db-7" not in page
    assert program.get(f"incidents/{incident}/")["status"] == "investigating"
    verified()


def test_what_the_reviewers_send_back_comes_again_and_goes_by_itself(cast: Cast, sink: Sink) -> None:
    subscribers(*READERS, now=utc_now())
    program = by_token("commander", "read", "incidents:write", "updates:write")
    update = drafted(program, opened(program), status="identified", schedule={"mode": "as_soon_as_approved"})["id"]
    program.post(f"updates/{update}/request-review/", {}, expect=403)
    commander = in_session(cast, "commander")
    commander.post(f"updates/{update}/request-review/", {})
    changes = {"kind": "communications", "verdict": "request_changes", "revision": 1, "comment": "Say how many."}
    in_session(cast, "comms").post(f"updates/{update}/reviews/", changes)
    assert program.get(f"updates/{update}/")["state"] == "draft"

    program.patch(
        f"updates/{update}/",
        {
            "variants": [
                {"audience": "customers", "title": "Checkout fails for some", "body": "The cause is known. One payment in ten fails."},
            ]
        },
        version=1,
    )
    commander.post(f"updates/{update}/request-review/", {"revision": 2})
    approved(cast, update, 2)
    assert run_due_schedules(now=utc_now() + timedelta(seconds=2)) == 1
    assert program.get(f"updates/{update}/")["state"] == "released"
    (released,) = program.get(f"releases/?update={update}")["results"]
    assert released["mode"] == "as_soon_as_approved"
    verdicts = program.get(f"updates/{update}/reviews/")["results"]
    assert [(found["revision"], found["verdict"]) for found in verdicts] == [(2, "approve"), (2, "approve"), (1, "request_changes")]
    verified()
