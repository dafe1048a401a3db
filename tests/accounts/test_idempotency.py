"""`Idempotency-Key`: what is sent twice is done once."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import idempotency
from accounts.idempotency import IdempotentPostMixin
from accounts.models import IdempotencyRecord
from accounts.requests import actor_of
from audit.models import Entry
from catalogue.models import ComponentGroup
from catalogue.services import create_group
from core.api.serializers import StrictSerializer
from tests.support.cast import NOW, Cast


class Given(StrictSerializer):
    name = serializers.CharField(max_length=120)


# Set by the race tests: the handler announces that it runs, and waits.
running, may_go_on = threading.Event(), threading.Event()


class GroupsView(IdempotentPostMixin, APIView):
    def post(self, request: Request) -> Response:
        given = Given(data=request.data)
        given.is_valid(raise_exception=True)
        made = create_group(actor=actor_of(request), now=NOW, name=given.validated_data["name"])
        if given.validated_data["name"] == "Slow":
            running.set()
            may_go_on.wait(20)
        return Response({"id": made.public_id}, status=201, headers={"Location": f"/groups/{made.public_id}/", "ETag": '"1"'})


urlpatterns = [path("groups/", GroupsView.as_view()), path("others/", GroupsView.as_view())]

pytestmark = pytest.mark.urls(__name__)


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(cast: Cast) -> Client:
    return signed_in(cast, "admin")


def post(client: Client, name: str, key: str = "k1", address: str = "/groups/") -> HttpResponseBase:
    return client.post(address, {"name": name}, "application/json", headers={"Idempotency-Key": key})


def text(answer: HttpResponseBase) -> bytes:
    return bytes(getattr(answer, "content"))  # noqa: B009 - streaming answers have none, these do


def test_the_same_key_and_body_get_the_same_answer_and_are_done_once(client: Client) -> None:
    first, again = post(client, "Payments"), post(client, "Payments")
    assert (first.status_code, again.status_code) == (201, 201)
    assert text(again) == text(first)
    assert [again.headers[name] for name in ("Content-Type", "Location", "ETag")] == [
        first.headers[name] for name in ("Content-Type", "Location", "ETag")
    ]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert ComponentGroup.objects.count() == 1
    assert Entry.objects.filter(type="component_group.created").count() == 1


@pytest.mark.parametrize(("name", "address"), [("Search", "/groups/"), ("Payments", "/others/"), ("Payments", "/groups/?x=1")])
def test_the_same_key_for_another_request_is_refused(client: Client, name: str, address: str) -> None:
    post(client, "Payments")
    answer = post(client, name, address=address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert b"new key" in text(answer)
    assert ComponentGroup.objects.count() == 1


def test_without_a_key_every_post_is_its_own(client: Client) -> None:
    assert client.post("/groups/", {"name": "A"}, "application/json").status_code == 201
    assert client.post("/groups/", {"name": "A"}, "application/json").status_code == 400
    assert not IdempotencyRecord.objects.exists()


def test_keys_of_different_people_are_different_keys(client: Client, cast: Cast) -> None:
    assert post(client, "Payments").status_code == 201
    assert post(signed_in(cast, "commander"), "Search").status_code == 201


def test_a_refusal_is_not_kept_so_the_corrected_body_may_use_the_key(client: Client) -> None:
    assert post(client, "").status_code == 400
    assert post(client, "").status_code == 400
    assert post(client, "Payments").status_code == 201


def test_the_outsider_is_refused_each_time_and_leaves_no_row(cast: Cast) -> None:
    outsider = signed_in(cast, "outsider")
    assert [post(outsider, "Payments").status_code for _ in range(2)] == [403, 403]
    assert post(Client(), "Payments").status_code == 401
    assert not IdempotencyRecord.objects.exists()
    assert not ComponentGroup.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "schlüssel", "\x7f"])
def test_a_key_that_cannot_be_used_is_said_to_be_so(client: Client, key: str) -> None:
    answer = post(client, "Payments", key=key)
    assert answer.status_code == 400
    assert b"1 to 255 printable ASCII" in text(answer)
    assert not ComponentGroup.objects.exists()


@pytest.mark.parametrize("key", ["x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a b"])
def test_other_keys_are_taken_as_they_are(client: Client, key: str) -> None:
    assert post(client, "Payments", key=key).status_code == 201
    assert post(client, "Payments", key=key).headers["Idempotent-Replayed"] == "true"


def test_an_answer_is_kept_for_a_day(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        post(client, "Payments")
        record = IdempotencyRecord.objects.get()
        assert record.created_at == NOW
    with time_machine.travel(NOW + timedelta(hours=24, seconds=1), tick=False):
        assert post(client, "Search").status_code == 201


def in_another_connection(client: Client, answers: list[HttpResponseBase], name: str) -> threading.Thread:
    def work() -> None:
        try:
            answers.append(post(client, name))
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_concurrent_duplicate_waits_and_gets_the_same_answer(cast: Cast) -> None:
    running.clear()
    may_go_on.clear()
    client, answers = signed_in(cast, "admin"), list[HttpResponseBase]()
    first = in_another_connection(client, answers, "Slow")
    assert running.wait(20)
    second = in_another_connection(client, answers, "Slow")
    second.join(0.5)
    assert second.is_alive(), "the duplicate waits while the first is at work"
    may_go_on.set()
    first.join(20)
    second.join(20)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert text(answers[0]) == text(answers[1])
    assert ComponentGroup.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_duplicate_that_waited_too_long_is_told_to_come_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_PATIENCE", "100ms")
    running.clear()
    may_go_on.clear()
    client, answers = signed_in(cast, "admin"), list[HttpResponseBase]()
    first = in_another_connection(client, answers, "Slow")
    assert running.wait(20)
    late = post(client, "Slow")
    may_go_on.set()
    first.join(20)
    assert (late.status_code, late.headers["Content-Type"]) == (409, "application/problem+json")
    assert b"still being worked on" in text(late)
    assert [answer.status_code for answer in answers] == [201]
