"""Keys and stored words are read as names and words."""

import pytest

from console.templatetags.words import in_words, named
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update

pytestmark = pytest.mark.django_db


def test_a_key_is_read_by_its_name_and_stays_where_nobody_named_it() -> None:
    assert named("customers", {"customers": "Customers of ours"}) == "Customers of ours"
    assert named("gone", {"customers": "Customers of ours"}) == "gone"
    assert in_words("third_party") == "third party"


def test_the_room_names_the_audiences_of_a_draft(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    make_update(actor=cast.actor("commander"), incident=incident)
    room = cast.client("commander").get(f"/console/incidents/{incident.public_id}/").content.decode()
    assert "<dt>Colleagues</dt>" in room
    assert "<dt>Internal</dt>" not in room
