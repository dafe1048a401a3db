"""Claims, remarks, carried verdicts, the people of a review and findings over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.rules.duties import Duty
from accounts.rules.scopes import Scope
from approvals.models import PassageComment, SlotClaim
from approvals.services import give_verdict, request_review
from incidents.models import Update
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.services import revise_update
from stakeholders.models import Audience
from tests.incidents.conftest import Api
from tests.incidents.conftest import api as api  # noqa: PLC0414 - the fixture
from tests.support.cast import Cast
from tests.support.factories import CUSTOMER_WORDS, make_incident, make_update
from tests.support.holding import ask_for_review, say_of, write_statement
from tests.support.roster import away, on_rota

pytestmark = pytest.mark.django_db
LISTS = ("claims", "comments", "carried", "slots", "findings")
REMARK = {"revision": 1, "audience": "customers", "field": "body", "quote": CUSTOMER_WORDS["body"][:10], "text": "Say since when."}


@pytest.fixture
def update(cast: Cast) -> Update:
    return in_review(cast)


def in_review(cast: Cast, **incident: Any) -> Update:
    now = timezone.now()
    made = make_update(incident=make_incident(actor=cast.actor("commander"), now=now, **incident), actor=cast.actor("commander"), now=now)
    request_review(actor=cast.actor("commander"), now=now, update_id=made.pk, revision=1)
    return made


def at(update: Update, rest: str) -> str:
    return f"/api/v1/updates/{update.public_id}/{rest}"


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def results(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path).json()["results"]
    return found


def test_a_claim_is_made_seen_and_given_up(cast: Cast, update: Update) -> None:
    techlead = cast.client("techlead")
    made = post(techlead, at(update, "claims/"), kind="technical")
    assert made.status_code == 201
    assert (made.json()["user"], made.json()["kind"], made.json()["given_up_at"]) == ("techlead", "technical", None)
    assert cast.client("commander").get(at(update, "slots/")).json()["slots"][0]["claimed_by"] == "techlead"
    assert techlead.delete(at(update, "claims/technical/")).status_code == 204
    assert techlead.delete(at(update, "claims/technical/")).status_code == 204
    assert [one["given_up_at"] is None for one in results(techlead, at(update, "claims/"))] == [False]


def test_who_cannot_review_cannot_claim_and_no_token_can(cast: Cast, update: Update, api: Api) -> None:
    assert post(cast.client("comms"), at(update, "claims/"), kind="technical").status_code == 403
    # The commander wrote it.
    assert post(cast.client("commander"), at(update, "claims/"), kind="technical").status_code == 403
    assert post(cast.client("legal"), at(update, "claims/"), kind="legal").status_code == 400
    program = api("techlead", *Scope)
    assert program.post(at(update, "claims/"), {"kind": "technical"}, format="json").status_code == 403
    assert program.delete(at(update, "claims/technical/")).status_code == 403
    assert cast.client("techlead").delete(at(update, "claims/nonsense/")).status_code == 404
    assert not SlotClaim.objects.exists()


def test_remarks_stand_beside_their_passage(cast: Cast, update: Update, api: Api) -> None:
    made = post(cast.client("comms"), at(update, "comments/"), **REMARK)
    assert made.status_code == 201
    assert (made.json()["author"], made.json()["start"], made.json()["end"], made.json()["revision"]) == ("comms", 0, 10, 1)
    assert [one["text"] for one in results(cast.client("auditor"), at(update, "comments/?revision=1"))] == ["Say since when."]
    assert results(cast.client("auditor"), at(update, "comments/?revision=2")) == []
    assert api("comms", *Scope).post(at(update, "comments/"), REMARK, format="json").status_code == 403
    assert post(cast.client("auditor"), at(update, "comments/"), **REMARK).status_code == 403
    refused = post(cast.client("comms"), at(update, "comments/"), **REMARK | {"quote": "not there"})
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (400, ["quote"])
    assert PassageComment.objects.count() == 1


def test_an_approval_of_the_facts_is_carried_over_a_change_of_reach(cast: Cast, update: Update) -> None:
    now = timezone.now()
    give_verdict(
        actor=cast.actor("techlead", stepped_up=True, now=now),
        now=now,
        update_id=update.pk,
        kind="technical",
        verdict="approve",
        revision=1,
    )
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    content = ContentEdit(channels=()).apply(current.parsed())
    revise_update(actor=cast.actor("commander"), now=now, update_id=update.pk, base_revision=1, content=content)
    request_review(actor=cast.actor("commander"), now=now, update_id=update.pk, revision=2)
    (carried,) = results(cast.client("auditor"), at(update, "carried/"))
    assert (carried["kind"], carried["reviewer"], carried["from_revision"], carried["to_revision"]) == ("technical", "techlead", 1, 2)
    assert carried["because"] == "reach"
    technical, communications = cast.client("auditor").get(at(update, "slots/")).json()["slots"]
    assert (technical["verdict"], technical["carried"], technical["people"]) == ("approve", True, [])
    assert (communications["verdict"], communications["carried"]) == (None, False)


def test_the_people_of_a_review_and_its_clock(cast: Cast) -> None:
    now = timezone.now()
    for weekday in range(7):
        on_rota(Duty.TECHNICAL, cast.techlead, weekday=weekday)
    away(cast.comms, since=now - timedelta(hours=1))
    update = in_review(cast)
    shown = cast.client("auditor").get(at(update, "slots/")).json()
    assert (shown["revision"], shown["round_state"]) == (1, "open")
    technical, communications = shown["slots"]
    assert [(one["user"], one["tier"], one["asked"], one["can_act"]) for one in technical["people"]] == [
        ("techlead", 0, True, True),
        ("techlead2", 2, False, True),
    ]
    assert [step["step"] for step in technical["steps"]] == ["reminder", "backup", "next_tier", "override_holder"]
    assert technical["steps"][2]["due_at"] == technical["due_at"]
    assert [(one["user"], one["step"]) for one in technical["called"]] == [("techlead", "")]
    skipped = [one for one in communications["people"] if not one["can_act"]]
    assert [one["user"] for one in skipped] == ["comms"]
    assert "absent" in skipped[0]["reasons"][0]


def test_the_people_of_a_statements_review_and_its_clock(cast: Cast) -> None:
    now = timezone.now()
    away(cast.comms2, since=now - timedelta(hours=1))
    version = write_statement(cast, now=now)
    address = f"/api/v1/holding-statements/{version.statement.public_id}/slots/"
    assert cast.client("auditor").get(address).json() == {"version": None, "round_state": None, "opened_at": None, "slots": []}
    ask_for_review(cast, version, now=now)
    say_of(cast, version, "technical", now=now)
    shown = cast.client("auditor").get(address).json()
    assert (shown["version"], shown["round_state"]) == (1, "open")
    technical, communications = shown["slots"]
    assert (technical["verdict"], technical["reviewer"], technical["people"]) == ("approve", "techlead", [])
    assert {step["step"] for step in communications["steps"]} == {"reminder", "backup", "next_tier"}  # no override stands in for it
    (writer,) = [one for one in communications["people"] if one["user"] == "comms"]
    (absent,) = [one for one in communications["people"] if one["user"] == "comms2"]
    assert (writer["can_act"], absent["can_act"]) == (False, False)
    assert "absent" in absent["reasons"][0]
    assert cast.client("outsider").get(address).status_code == 403


def test_without_a_round_there_are_no_slots(cast: Cast) -> None:
    now = timezone.now()
    made = make_update(incident=make_incident(actor=cast.actor("commander"), now=now), actor=cast.actor("commander"), now=now)
    assert cast.client("auditor").get(at(made, "slots/")).json() == {"revision": None, "round_state": None, "opened_at": None, "slots": []}


def test_what_screening_finds_is_read_with_its_place(cast: Cast, update: Update) -> None:
    assert cast.client("auditor").get(at(update, "findings/")).json() == {"revision": 1, "blocked": False, "findings": []}
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    audience = Audience.objects.get(key="customers").key
    words = Variant(audience, "Disturbance", "It fails at 10.20.30.40.", "en")
    revise_update(
        actor=cast.actor("commander"),
        now=timezone.now(),
        update_id=update.pk,
        base_revision=1,
        content=ContentEdit(variants=(words,)).apply(current.parsed()),
    )
    shown = cast.client("auditor").get(at(update, "findings/")).json()
    assert shown["blocked"] is True
    assert [(one["audience"], one["language"], one["field"]) for one in shown["findings"]] == [("customers", "en", "body")]


def test_a_token_reads_all_of_it(update: Update, api: Api) -> None:
    program = api("auditor", Scope.READ)
    assert [program.get(at(update, f"{name}/")).status_code for name in LISTS] == [200] * len(LISTS)


def test_the_outsider_and_whoever_may_not_know_of_it_are_told_that_nothing_is_there(cast: Cast, update: Update) -> None:
    hidden = in_review(cast, restricted=True)
    for name, of in (("outsider", update), ("techlead", hidden)):
        client = cast.client(name)
        assert [client.get(at(of, f"{one}/")).status_code for one in LISTS] == [404] * len(LISTS)
        assert post(client, at(of, "claims/"), kind="technical").status_code == 404
        assert client.delete(at(of, "claims/technical/")).status_code == 404
        assert post(client, at(of, "comments/"), **REMARK).status_code == 404
