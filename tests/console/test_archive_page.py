"""The archive says what happened in words, with names; what a verifier needs stands in each entry's details."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.log_words import BATCH, WORDS, said_of, words_of
from console.queries.log import Line, folded, subject_names
from notifications.models import Message
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "approvals", "catalogue", "incidents", "integrations", "notifications", "policies", "screening")
OTHER_ROOMS = ("stakeholders", "statuspage", "templates")
RECORDED = re.compile(r'record\(\s*(?:work,\s*)?"([a-z_]+\.[a-z_]+)"')


def recorded_types() -> set[str]:
    """Every type that the services of the rooms record."""
    sources = [path.read_text("utf-8") for room in (*ROOMS, *OTHER_ROOMS) for path in (ROOT / room).rglob("*.py")]
    return {found for source in sources for found in RECORDED.findall(source)}


def test_every_kind_of_entry_has_words() -> None:
    types = recorded_types()
    assert len(types) > 70, "the search itself must find what is recorded"
    assert sorted(types - WORDS.keys()) == []


def test_a_kind_without_words_is_spelt_out() -> None:
    assert words_of("thing.turned_over") == "Thing: turned over"


@pytest.mark.django_db
def test_a_row_is_read_by_name_and_its_details_keep_what_was_recorded(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"), title="Checkout fails")
    update = make_update(incident=incident, actor=cast.actor("commander"))
    page = cast.client("auditor").get(f"/console/audit/?subject=update:{update.public_id}").content.decode()
    summary = page[page.index("<summary data-open") : page.index("</summary>", page.index("<summary data-open"))]
    assert "Update edited" in summary
    assert "Checkout fails" in summary
    assert cast.commander.get_full_name() in summary
    assert update.public_id not in summary
    assert f"update:{update.public_id}" in page
    assert f"/console/updates/{update.public_id}/story/" in page


@pytest.mark.django_db
def test_the_log_is_narrowed_to_a_kind_of_entry_chosen_by_its_words(cast: Cast) -> None:
    make_incident(actor=cast.actor("commander"), title="Checkout fails")
    page = cast.client("auditor").get("/console/audit/?type=incident.opened").content.decode()
    assert '<option value="incident.opened" selected>Incident opened</option>' in page
    assert page.count("<li data-item>") == 1
    nothing = cast.client("auditor").get("/console/audit/?subject=incident:none").content.decode()
    assert "No entry matches" in nothing
    assert cast.client("outsider").get("/console/audit/").status_code == 404


@pytest.mark.django_db
def test_a_notice_about_no_incident_is_known_by_its_own_title(cast: Cast) -> None:
    wording = {"": {"title": "Statement runs out", "body": "Renew it."}}
    notice = Message.objects.create(
        kind="notice", source_key="test:1", lane=1, wording=wording, created_at=NOW, expires_at=NOW + timedelta(days=1)
    )
    named = subject_names([f"message:{notice.public_id}", "page:main", "message:000000000000", "channel:email"])
    assert named["channel:email"] == "E-mail"
    assert named[f"message:{notice.public_id}"] == "Statement runs out"
    assert named["page:main"] == "The public page"
    assert named["message:000000000000"] == "Message 000000000000"


def test_an_entry_says_from_where_to_where_and_what_became_of_how_many() -> None:
    assert said_of("update.moved", {"from": "draft", "to": "in_review"}) == "Update moved on: draft → in review"
    assert said_of(BATCH, {"deliveries": {"accepted": 12_431, "bounced": 1}}) == "Deliveries finished: 12,431 accepted, 1 bounced"
    assert said_of("update.moved", {}) == "Update moved on"
    assert said_of(BATCH, {"deliveries": {}}) == "Deliveries finished"


def line(index: int, kind: str, on: str = "Checkout fails", accepted: int = 1) -> Line:
    body = json.dumps({"deliveries": {"accepted": accepted}})
    return Line(index, NOW, kind, f"message:{index}", "system:x", said_of(kind, json.loads(body)), on, "x", True, "", body, "", "")


def test_deliveries_of_one_incident_are_one_line_and_every_entry_stands_in_it() -> None:
    found = [
        line(9, BATCH),
        line(8, "deliveries.fell_back"),
        line(7, BATCH, "Sign-in slow"),
        line(6, BATCH, accepted=215),
        line(5, "review.given"),
    ]
    shown, last = folded([*found, line(4, BATCH), line(3, "message.planned")], most=50)
    assert [one.index for one in shown] == [9, 8, 7, 5, 4]
    assert shown[0].what == "Deliveries finished: 216 accepted"
    assert [one.index for one in shown[0].folded] == [9, 6]
    assert not any(one.folded for one in shown[1:4])
    assert (shown[4].what, [one.index for one in shown[4].folded]) == ("Deliveries finished: 1 accepted", [4, 3])
    assert last == 3


@given(
    st.lists(
        st.tuples(st.sampled_from([BATCH, "message.planned", "deliveries.fell_back", "review.given"]), st.sampled_from("AB")), max_size=30
    ),
    st.integers(1, 8),
)
def test_page_by_page_every_entry_is_shown_once(made: list[tuple[str, str]], most: int) -> None:
    log = [line(index, kind, on) for index, (kind, on) in reversed(list(enumerate(made)))]
    seen: list[int] = []
    while rest := [one for one in log if not seen or one.index < min(seen)]:
        shown, last = folded(rest, most=most)
        assert len(shown) <= most
        page = [one.index for top in shown for one in (top.folded or (top,))]
        assert min(page) == last
        seen += page
    assert sorted(seen) == list(range(len(made)))


@pytest.mark.django_db
def test_the_archive_names_the_day_of_every_entry_and_goes_on_where_it_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_incident(actor=cast.actor("commander"), title="Checkout fails")
    monkeypatch.setattr("console.views.archive.PER_PAGE", 2)
    monkeypatch.setattr("console.views.archive.READ", 8)
    client = cast.client("auditor")
    page = client.get("/console/audit/").content.decode()
    assert page.count("<li data-item>") == 2
    assert re.search(r"<time [^>]*>2 Mar( 2026)?, \d\d:\d\d UTC", page)
    asked = re.search(r"before=(\d+)", page)
    assert asked is not None
    older = client.get("/console/audit/", {"before": asked[1]}).content.decode()
    assert "Back to the newest" in older
    assert int(re.findall(r'<dd class="num">(\d+)</dd>', older)[0]) == int(asked[1]) - 1
