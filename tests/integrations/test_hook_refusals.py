"""What the hook refuses, with the reason, storing nothing."""

import json

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.actors import system
from core.errors import Forbidden
from incidents.models import Incident
from integrations.alertmanager.payload import LONGEST_BODY
from integrations.models import AlertEpisode, AlertGroup, EventMapping, HookToken, InboundEvent
from integrations.rules.sources import Source
from integrations.services import create_hook_token, revoke_hook_tokens
from tests.integrations.conftest import Post
from tests.support.alertmanager import alert, body
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db

GOOD = json.loads(body(alert()))


def changed(**changes: object) -> bytes:
    return json.dumps(GOOD | changes).encode()


def with_alert(**changes: object) -> bytes:
    return changed(alerts=[GOOD["alerts"][0] | changes])


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON: "),
        (b"\xff\xfe", "not UTF-8 (byte 0)"),
        (b"[" * 100_000, "nesting too deep"),
        (b"[]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (changed(version="3"), "“version”"),
        (changed(alerts={}), "“alerts”"),
        (changed(alerts=[]), "“alerts”"),
        (changed(alerts=[1]), "“alerts[0]”"),
        (changed(groupKey=None), "“groupKey”"),
        (changed(groupKey="a\x00b"), "“groupKey”"),
        (changed(groupKey="\ud800"), "“groupKey”"),
        (changed(status="maybe"), "“status”"),
        (with_alert(status="maybe"), "“alerts[0].status”"),
        (with_alert(fingerprint=""), "“alerts[0].fingerprint”"),
        (with_alert(fingerprint="f" * 65), "“alerts[0].fingerprint”"),
        (with_alert(startsAt="yesterday"), "“alerts[0].startsAt”"),
        (with_alert(startsAt="2026-02-30T00:00:00Z"), "“alerts[0].startsAt”"),
        (with_alert(startsAt="0001-01-01T00:00:00+14:00"), "“alerts[0].startsAt”"),
        (with_alert(endsAt=None), "“alerts[0].endsAt”"),
        (with_alert(labels={"severity": 1}), "“alerts[0].labels”"),
        (with_alert(annotations=[]), "“alerts[0].annotations”"),
        (body(alert(), alert() | {"startsAt": 5}), "“alerts[1].startsAt”"),
        (b" " * (LONGEST_BODY + 1), "longer than"),
    ],
)
def test_an_unreadable_body_is_refused_with_the_reason_and_nothing_is_stored(post: Post, sent: bytes, reason: str) -> None:
    answer = post(sent)
    assert answer.status_code == 400
    assert answer["content-type"] == "application/problem+json"
    assert reason in answer.json()["detail"]
    for model in (Incident, InboundEvent, AlertGroup, AlertEpisode):
        assert not model.objects.exists()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer {token} x", "Token {token}", "Bearer \xe9"]
)
def test_without_a_valid_token_nobody_gets_in(hook_token: str, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header.format(token=hook_token)}
    for sent in (body(alert()), b"{"):
        answer = Client().post("/hooks/alertmanager/", sent, content_type="application/json", headers=headers)
        assert answer.status_code == 401
        assert answer["www-authenticate"].startswith("Bearer")
        assert answer["content-type"] == "application/problem+json"
    assert not InboundEvent.objects.exists()


def test_what_fails_on_our_side_asks_to_be_sent_again(post: Post) -> None:
    EventMapping.objects.update(source="mislaid")
    answer = post(body(alert()))
    assert (answer.status_code, answer.json()["code"]) == (503, "not_taken_in")
    assert not InboundEvent.objects.exists()
    EventMapping.objects.update(source="alertmanager")
    assert post(body(alert())).json()["outcome"] == "opened"


def test_a_persons_session_is_not_a_hooks_token(cast: Cast) -> None:
    assert cast.client("admin").post("/hooks/alertmanager/", body(alert()), content_type="application/json").status_code == 401


def test_tokens_are_replaced_without_a_gap(post: Post) -> None:
    new, text = create_hook_token(actor=system("test"), now=NOW, source=Source.ALERTMANAGER)
    assert post(body(alert())).status_code == 200
    assert revoke_hook_tokens(actor=system("test"), now=NOW, source=Source.ALERTMANAGER, except_for=new) == 1
    assert post(body(alert())).status_code == 401
    headers = {"authorization": f"Bearer {text}"}
    assert Client().post("/hooks/alertmanager/", body(alert()), content_type="application/json", headers=headers).status_code == 200


def test_the_command_prints_the_token_alone_and_its_text_is_not_kept(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("hook_token", "--source", "alertmanager")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    text = printed.strip()
    assert text not in str(list(HookToken.objects.values()))
    answer = Client().post(
        "/hooks/alertmanager/", body(alert()), content_type="application/json", headers={"authorization": f"Bearer {text}"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["outsider", "commander", "auditor"])
def test_only_administrators_make_tokens(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        create_hook_token(actor=cast.actor(name), now=NOW, source=Source.ALERTMANAGER)
    with pytest.raises(Forbidden):
        revoke_hook_tokens(actor=cast.actor(name), now=NOW, source=Source.ALERTMANAGER)
