"""Plans of releases and the review queue over the API: readable by whom the incident is, and by nobody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.services import hold_other_times
from tests.approvals.acts import approved, ask, draft, edit, schedule
from tests.approvals.disputing import half_reviewed
from tests.incidents.conftest import Api
from tests.incidents.conftest import api as api  # noqa: PLC0414 - the fixture
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.holding import ask_for_review, write_statement

pytestmark = pytest.mark.django_db


def test_plans_are_listed_with_what_became_of_them(cast: Cast, api: Api) -> None:
    update, other = approved(cast), approved(cast)
    schedule(cast, update)
    schedule(cast, other)
    edit(cast, other)
    rows = api("auditor").get("/api/v1/release-schedules/").json()["results"]
    assert [(row["update"], row["state"]) for row in rows][1] == (update.public_id, "pending")
    (row,) = api("auditor").get(f"/api/v1/release-schedules/?state=pending&incident={update.incident.public_id}").json()["results"]
    assert (row["revision"], row["mode"], row["requested_by"], row["reason"]) == (1, "at_time", "commander", "")
    assert row["content_hash"] == update.revisions.get().content_hash
    assert api("auditor").get("/api/v1/release-schedules/?state=nonsense").status_code == 400
    assert hold_other_times(now=NOW) == 0


def test_the_queue_lists_what_waits_and_whose_it_is(cast: Cast, api: Api) -> None:
    update = half_reviewed(cast)
    version = write_statement(cast)
    ask_for_review(cast, version)
    rows = api("comms2").get("/api/v1/review-queue/").json()["results"]
    of_update = [row for row in rows if row["update"] == update.public_id]
    assert [(row["kind"], row["mine"], row["reasons"], row["revision"]) for row in of_update] == [("communications", True, [], 1)]
    of_statement = {row["kind"]: row for row in rows if row["statement"] == version.statement.public_id}
    assert "communications" in of_statement
    assert of_statement["communications"]["update"] is None
    assert [row["due_at"] for row in rows] == sorted(row["due_at"] for row in rows)
    (mine,) = api("commander").get(f"/api/v1/review-queue/?update={update.public_id}").json()["results"]
    assert mine["mine"] is False
    assert mine["reasons"]
    assert api("comms2").get("/api/v1/review-queue/?kind=technical&update=" + update.public_id).json()["results"] == []


def test_the_queue_takes_no_more_queries_for_more_reviews(cast: Cast, api: Api) -> None:
    client = api("comms2")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/api/v1/review-queue/").status_code == 200
        return len(asked)

    ask(cast, draft(cast))
    before = queries()
    for _ in range(3):
        ask(cast, draft(cast))
    assert queries() <= before


@pytest.mark.parametrize("path", ["release-schedules", "review-queue"])
def test_what_is_hidden_is_in_neither_list(cast: Cast, api: Api, path: str) -> None:
    hidden = make_update(incident=make_incident(actor=cast.actor("commander"), restricted=True), actor=cast.actor("commander"))
    ask(cast, hidden)
    schedule(cast, approved(cast))
    for name in ("outsider", "pr"):
        rows = api(name).get(f"/api/v1/{path}/").json()["results"]
        assert hidden.public_id not in {row["update"] for row in rows}
    assert api("outsider").get(f"/api/v1/{path}/").json()["results"] == []
