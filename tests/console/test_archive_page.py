"""The archive says what happened in words, with names; what a verifier needs stands in each entry's details."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from console.log_words import WORDS, words_of
from console.queries.log import subject_names
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
    named = subject_names([f"message:{notice.public_id}", "page:main", "message:000000000000"])
    assert named[f"message:{notice.public_id}"] == "Statement runs out"
    assert named["page:main"] == "The public page"
    assert named["message:000000000000"] == "Message 000000000000"
