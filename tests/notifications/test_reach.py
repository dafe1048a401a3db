"""How many an update would reach: what the audiences reach now, and for a correction those who got the wrong words."""

import pytest

from approvals.services import start_correction
from incidents.models import Update
from notifications.queries import people_reached, reach_of
from stakeholders.models import AudienceMember
from tests.approvals.acts import draft
from tests.notifications.test_stopping import send
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db


def counts(update: Update) -> tuple[int, int]:
    """In the audience of customers, and of everyone."""
    assert update.current is not None
    content = update.current.parsed()
    return reach_of(update, content)["customers"], people_reached(update, content)


def test_somebody_in_two_audiences_is_one_person(cast: Cast) -> None:
    subscribers("ada@example.com", "bo@example.com", audiences=("customers", "internal"))
    update = draft(cast)
    assert update.current is not None
    assert reach_of(update, update.current.parsed()) == {"customers": 2, "internal": 2}
    assert people_reached(update, update.current.parsed()) == 2


def test_a_correction_counts_those_who_got_the_wrong_words_whoever_the_audience_reaches_by_now(cast: Cast, sink: Sink) -> None:
    ada, _ = subscribers("ada@example.com", "bo@example.com")
    wrong = released(cast)
    send()
    AudienceMember.objects.filter(stakeholder=ada.stakeholder).delete()
    subscribers("cy@example.com", "di@example.com")
    right = start_correction(actor=cast.actor("commander"), now=NOW, update_id=wrong.update_of_id, kind="correction")
    assert counts(right) == (2, 2)
    assert counts(draft(cast)) == (3, 3)
