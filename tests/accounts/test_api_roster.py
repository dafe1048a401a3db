"""The roster over the API: who can act, the gaps, absences and duties handed over."""

from collections.abc import Iterator
from datetime import time, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Absence, Delegation, TrainingRecord
from accounts.rules.duties import Duty
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from tests.support.cast import NOW, Cast
from tests.support.roster import away, handed_over, on_rota

pytestmark = pytest.mark.django_db
API = "/api/v1/roster/"
AWAY = {"user": "legal", "starts_at": "2026-03-03T09:00:00Z", "ends_at": "2026-03-03T17:00:00Z", "note": "Court"}
HANDED = {
    "duty": "technical", "giver": "techlead", "taker": "techlead2", "starts_at": "2026-03-03T09:00:00Z", "ends_at": "2026-03-03T17:00:00Z",
    "reason": "Swap",
}  # fmt: skip


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_standings_say_who_can_act_and_why_somebody_cannot(cast: Cast) -> None:
    away(cast.legal, hours=3)
    found = cast.client("auditor").get(f"{API}standings/", {"duty": "legal"}).json()
    reasons = ["absent until 2 March 2026, 17:00 UTC"]
    assert found == [
        {
            "duty": "legal",
            "at": "2026-03-02T14:00:00Z",
            "people": [{"user": "legal", "name": "Legal", "tier": 0, "can_act": False, "reasons": reasons}],
        }
    ]
    later = cast.client("auditor").get(f"{API}standings/", {"duty": "legal", "at": "2026-03-02T17:00:00Z"}).json()
    assert later[0]["people"][0]["can_act"]
    assert [one["duty"] for one in cast.client("auditor").get(f"{API}standings/").json()] == [duty.value for duty in Duty]


def test_coverage_names_the_gaps_and_whom_to_ask(cast: Cast) -> None:
    on_rota(Duty.LEGAL, cast.legal, starts=time(9), ends=time(17))
    (found,) = cast.client("auditor").get(f"{API}coverage/", {"duty": "legal", "until": "2026-03-03T00:00:00Z"}).json()
    assert found["gaps"] == [{"starts_at": "2026-03-02T17:00:00Z", "ends_at": "2026-03-03T00:00:00Z", "nobody_at_all": False}]
    assert [(one["cover"], one["on_duty"]) for one in found["stretches"]] == [("covered", ["legal"]), ("off_duty_only", [])]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"duty": "cooking"}, "duty"),
        ({"since": "9999-12-31T23:59:59Z"}, "since"),
        ({"since": "0001-01-01T00:00:00Z"}, "since"),
        ({"until": "2026-03-01T00:00:00Z"}, "until"),
        ({"until": "2026-05-01T00:00:00Z"}, "until"),
        ({"day": "monday"}, "day"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_name(cast: Cast, query: dict[str, str], field: str) -> None:
    answer = cast.client("auditor").get(f"{API}coverage/", query)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_absence_is_recorded_read_and_ended_by_the_person(cast: Cast) -> None:
    client = cast.client("legal")
    made = client.post(f"{API}absences/", AWAY, content_type="application/json")
    assert made.status_code == 201
    row = made.json()["id"]
    assert client.get(f"{API}absences/{row}/").json()["note"] == "Court"
    seen = cast.client("auditor").get(f"{API}absences/", {"user": "legal"}).json()["results"]
    assert [(one["user"], one["note"]) for one in seen] == [("legal", "")]
    assert cast.client("techlead").delete(f"{API}absences/{row}/").status_code == 403
    assert client.delete(f"{API}absences/{row}/").status_code == 204
    assert client.delete(f"{API}absences/{row}/").status_code == 404
    assert not Absence.objects.exists()


def test_a_duty_is_handed_over_read_and_taken_back(cast: Cast) -> None:
    client = cast.client("techlead")
    wrong = client.post(f"{API}delegations/", HANDED | {"taker": "legal"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "taker")
    nobody = client.post(f"{API}delegations/", HANDED | {"taker": "nobody"}, content_type="application/json")
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (400, "taker")
    made = client.post(f"{API}delegations/", HANDED, content_type="application/json")
    assert made.status_code == 201
    seen = cast.client("auditor").get(f"{API}delegations/", {"duty": "technical"}).json()["results"]
    assert [(one["giver"], one["taker"], one["reason"]) for one in seen] == [("techlead", "techlead2", "Swap")]
    assert client.delete(f"{API}delegations/{made.json()['id']}/").status_code == 204
    assert not Delegation.objects.exists()


def test_a_token_reads_and_enters_nothing(cast: Cast) -> None:
    row = away(cast.techlead)
    actor = cast.actor("techlead", stepped_up=True)
    _, text = create_token(actor=actor, now=NOW, user=cast.techlead, name="bot", scopes=[Scope.READ], lifetime=timedelta(days=1))
    program = Client(headers={"authorization": f"Bearer {text}"})
    assert program.get(f"{API}absences/").status_code == 200
    assert program.get(f"{API}standings/").status_code == 200
    assert program.post(f"{API}absences/", AWAY | {"user": "techlead"}, content_type="application/json").status_code == 403
    assert program.delete(f"{API}absences/{row.pk}/").status_code == 403
    assert program.post(f"{API}delegations/", HANDED, content_type="application/json").status_code == 403
    assert Absence.objects.count() == 1


def test_the_outsider_learns_nothing_and_enters_nothing(cast: Cast) -> None:
    absence, handover = away(cast.techlead), handed_over(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    client = cast.client("outsider")
    for address in ("standings/", "coverage/", "absences/", f"absences/{absence.pk}/", "delegations/", f"delegations/{handover.pk}/"):
        assert client.get(API + address).status_code == 403, address
    assert client.post(f"{API}absences/", AWAY | {"user": "outsider"}, content_type="application/json").status_code == 403
    assert client.delete(f"{API}delegations/{handover.pk}/").status_code == 403
    assert Absence.objects.count() == 1


def test_what_lies_beyond_every_number_is_not_there(cast: Cast) -> None:
    assert cast.client("auditor").get(f"{API}absences/{10**30}/").status_code == 404
    assert cast.client("manager").post(f"/console/roster/absences/{10**30}/end/").status_code == 404
    assert cast.client("auditor").get(f"{API}standings/", {"at": (NOW + timedelta(days=5000)).isoformat()}).status_code == 400


def test_the_weekly_shifts_are_read(cast: Cast) -> None:
    on_rota(Duty.LEGAL, cast.legal, starts=time(9), ends=time(17))
    on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2, weekday=2)
    client = cast.client("auditor")
    (found,) = client.get(f"{API}shifts/", {"duty": "technical"}).json()["results"]
    assert (found["user"], found["deputy"], found["weekday"], found["starts"]) == ("techlead", "techlead2", 2, "00:00")
    assert [one["deputy"] for one in client.get(f"{API}shifts/", {"user": "legal"}).json()["results"]] == [None]


def test_training_is_read_and_its_notes_are_for_whom_they_concern(cast: Cast) -> None:
    row = TrainingRecord.objects.get(user=cast.legal)
    mine = TrainingRecord.objects.create(
        user=cast.legal,
        duty=row.duty,
        source=row.source,
        at=NOW - timedelta(days=90),
        valid_until=NOW - timedelta(days=1),
        note="Failed twice",
    )
    for name, note in (("legal", "Failed twice"), ("admin", "Failed twice"), ("auditor", "")):
        found = cast.client(name).get(f"{API}training/", {"user": "legal"}).json()["results"]
        assert [(one["id"], one["note"]) for one in found] == [(mine.pk, note), (row.pk, "")]
    counting = cast.client("auditor").get(f"{API}training/", {"user": "legal", "valid_at": NOW.isoformat()}).json()["results"]
    assert [one["id"] for one in counting] == [row.pk]


def test_the_outsider_reads_neither_shifts_nor_training(cast: Cast) -> None:
    client = cast.client("outsider")
    assert [client.get(f"{API}{name}/").status_code for name in ("shifts", "training")] == [403, 403]
