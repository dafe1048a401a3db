"""An address that failed for good is used again, and one that works is stopped, each by its own act and with a reason."""

import pytest

from accounts.actors import system
from audit.queries import entries_about
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services import register_stakeholder, suppress_contact_point
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def bounced(cast: Cast) -> ContactPoint:
    ada = register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Ada", email="ada@example.net")
    return suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=ada.contact_points.get(), reason="bounced: 550")


def is_stopped(point: ContactPoint) -> bool:
    point.refresh_from_db()
    return point.suppressed_at is not None


def test_the_register_leads_to_the_address_that_is_not_written_to(cast: Cast, bounced: ContactPoint) -> None:
    register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Bo", email="bo@example.net")
    page = cast.client("comms").get("/console/stakeholders/").content.decode()
    assert "1 address not written to" in page
    narrowed = cast.client("comms").get("/console/stakeholders/?state=suppressed").content.decode()
    assert f"/console/addresses/{bounced.pk}/" in narrowed
    assert "bo@example.net" not in narrowed


def test_an_address_is_written_to_again_with_a_reason_that_the_log_keeps(cast: Cast, bounced: ContactPoint) -> None:
    address = f"/console/addresses/{bounced.pk}/"
    page = cast.client("comms").get(address).content.decode()
    assert "bounced: 550" in page
    assert "Write to ada@example.net again" in page
    missing = cast.client("comms").post(address, {"act": "use_again", "reason": " "})
    assert missing.status_code == 422
    assert is_stopped(bounced)
    answer = cast.client("comms").post(address, {"act": "use_again", "reason": "The mailbox is back."}, follow=True)
    assert "ada@example.net is written to again" in answer.content.decode()
    assert not is_stopped(bounced)
    last = entries_about(f"stakeholder:{bounced.stakeholder.public_id}").last()
    assert last is not None
    assert last.type == "contact_point.suppression_lifted"


def test_an_address_is_stopped_and_a_stale_page_does_not_turn_that_round(cast: Cast, bounced: ContactPoint) -> None:
    address = f"/console/addresses/{bounced.pk}/"
    cast.client("comms").post(address, {"act": "stop", "reason": "Asked by telephone."})
    bounced.refresh_from_db()
    assert bounced.suppression_reason == "bounced: 550", "it was stopped already: the first reason stands"


@pytest.mark.parametrize("act", ["", "other"])
def test_an_act_that_no_button_names_changes_nothing(cast: Cast, bounced: ContactPoint, act: str) -> None:
    assert cast.client("comms").post(f"/console/addresses/{bounced.pk}/", {"act": act, "reason": "Because."}).status_code == 422
    assert is_stopped(bounced)


def test_who_only_reads_the_register_changes_no_address_and_the_outsider_finds_none(cast: Cast, bounced: ContactPoint) -> None:
    address = f"/console/addresses/{bounced.pk}/"
    assert "Write to" not in cast.client("auditor").get(address).content.decode()
    assert cast.client("auditor").post(address, {"act": "use_again", "reason": "Because."}).status_code == 403
    assert cast.client("outsider").get(address).status_code == 404
    assert cast.client("outsider").post(address, {"act": "use_again", "reason": "Because."}).status_code == 404
    assert is_stopped(bounced)


def test_the_api_does_the_same(cast: Cast, bounced: ContactPoint) -> None:
    path = f"/api/v1/stakeholders/{bounced.stakeholder.public_id}/addresses/{bounced.pk}"
    client = cast.client("comms")
    assert client.post(f"{path}/use-again/", {}, content_type="application/json").status_code == 400
    lifted = client.post(f"{path}/use-again/", {"reason": "It is back."}, content_type="application/json")
    assert (lifted.status_code, lifted.json()["suppressed_at"]) == (200, None)
    stopped = client.post(f"{path}/stop/", {"reason": "Asked by telephone."}, content_type="application/json")
    assert stopped.json()["suppression_reason"] == "Asked by telephone."
    body = {"reason": "Because."}
    assert cast.client("outsider").post(f"{path}/use-again/", body, content_type="application/json").status_code == 403
    assert cast.client("auditor").post(f"{path}/use-again/", body, content_type="application/json").status_code == 403
    assert client.post(f"{path}9/stop/", body, content_type="application/json").status_code == 404


def test_another_address_takes_the_place_of_one_that_does_not_work(cast: Cast, bounced: ContactPoint) -> None:
    address, client = f"/console/addresses/{bounced.pk}/", cast.client("comms")
    wrong = client.post(address, {"act": "change", "address": "nothing"})
    assert (wrong.status_code, "name@example.com" in wrong.content.decode()) == (422, True)
    same = client.post(address, {"act": "change", "address": "ADA@example.net"})
    assert (same.status_code, "already" in same.content.decode()) == (422, True)
    done = client.post(address, {"act": "change", "address": "ada@example.org"}, follow=True)
    assert "ada@example.org takes its place" in done.content.decode()
    assert [point.address for point in bounced.stakeholder.contact_points.filter(removed_at__isnull=True)] == ["ada@example.org"]
    assert client.get(address).status_code == 404
    assert cast.client("auditor").post(address, {"act": "change", "address": "b@example.org"}).status_code == 404


def test_what_its_reader_stopped_is_used_again_only_where_the_reader_asked(cast: Cast, bounced: ContactPoint) -> None:
    point = suppress_contact_point(actor=system("x"), now=NOW, contact_point=bounced, reason="spam", kind=SuppressionKind.COMPLAINT)
    address, client = f"/console/addresses/{point.pk}/", cast.client("comms")
    assert "Its reader has asked for it again" in client.get(address).content.decode()
    refused = client.post(address, {"act": "use_again", "reason": "Our mistake."})
    assert refused.status_code == 422
    assert "only where the reader has asked for that" in refused.content.decode()
    assert is_stopped(point)
    client.post(address, {"act": "use_again", "reason": "Rang us.", "reader_asked": "on"})
    assert not is_stopped(point)


def test_nobody_but_its_reader_takes_stop_back(cast: Cast) -> None:
    ada = register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Ada", contact_points=[("sms", "+4915112345678")])
    point = ada.contact_points.get()
    suppress_contact_point(actor=system("twilio"), now=NOW, contact_point=point, reason="STOP", kind=SuppressionKind.STOP)
    address, client = f"/console/addresses/{point.pk}/", cast.client("comms")
    page = client.get(address).content.decode()
    assert "Only START, sent from that number, takes it back" in page
    assert "use_again" not in page
    assert client.post(address, {"act": "use_again", "reason": "Rang us.", "reader_asked": "on"}).status_code == 422
    assert is_stopped(point)
    api = cast.client("comms").post(
        f"/api/v1/stakeholders/{ada.public_id}/addresses/{point.pk}/use-again/",
        {"reason": "Rang us.", "reader_asked": True},
        content_type="application/json",
        headers={"Idempotency-Key": "again-1"},
    )
    assert (api.status_code, api.json()["code"]) == (409, "stopped_by_reader")
