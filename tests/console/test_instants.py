"""Times on pages: by the reader's own clock, its zone named, UTC at hand; the same from the server as after the script."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from console.instants import shown
from tests.support.cast import Cast
from tests.support.factories import make_incident

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants bounds without a zone


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("", "00:30 CET"),
        ("time", "00:30 CET"),
        ("date", "3 Mar 2026"),
        ("day", "3 Mar, 00:30 CET"),
        ("full", "Tue 3 Mar 2026, 00:30 CET"),
    ],
)
def test_a_time_of_today_is_said_by_the_readers_clock(form: str, words: str) -> None:
    assert shown(NOW, BERLIN, now=NOW, form=form) == words


def test_another_day_and_another_year_are_said_with_the_time() -> None:
    assert shown(datetime(2026, 3, 2, 12, tzinfo=UTC), BERLIN, now=NOW) == "2 Mar, 13:00 CET"
    assert shown(datetime(2025, 7, 2, 12, tzinfo=UTC), BERLIN, now=NOW) == "2 Jul 2025, 14:00 CEST"
    assert shown(NOW, ZoneInfo("America/Sao_Paulo"), now=NOW, form="time") == "20:30 UTC-03"


@given(at=MOMENTS, form=st.sampled_from(["", "time", "full"]))
def test_a_time_always_names_its_zone(at: datetime, form: str) -> None:
    assert re.search(r"\d\d:\d\d UTC$", shown(at, UTC, now=NOW, form=form))
    assert re.search(r"\d\d:\d\d CES?T$", shown(at, BERLIN, now=NOW, form=form))


@pytest.mark.django_db
def test_the_page_comes_in_the_readers_zone_with_utc_at_hand(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    User.objects.filter(username="commander").update(time_zone="Asia/Tokyo")
    page = cast.client("commander").get(f"/console/incidents/{incident.public_id}/").content.decode()
    assert 'data-zone="Asia/Tokyo" data-zone-word="JST"' in page
    opened = incident.opened_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f'{opened:%H:%M} JST<span class="utc"> (' in page
    assert f"{incident.opened_at:%H:%M} UTC)</span></time>" in page
    utc = cast.client("techlead").get(f"/console/incidents/{incident.public_id}/").content.decode()
    assert 'data-zone="UTC"' in utc
    assert "JST" not in utc
