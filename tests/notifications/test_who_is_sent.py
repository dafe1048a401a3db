"""Whom a release is planned for: nobody where it goes by no e-mail, and of a correction also those who may have got the wrong words."""

import pytest

from incidents.rules.content_edit import ContentEdit
from notifications.models import Delivery, Message
from tests.approvals.acts import approve, ask, release
from tests.notifications.test_stopping import ADDRESSES, correct, of
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update
from tests.support.releases import released, subscribers

pytestmark = pytest.mark.django_db


def test_what_goes_to_the_page_alone_is_planned_for_nobody(cast: Cast) -> None:
    subscribers(*ADDRESSES)
    commander = cast.actor("commander")
    update = make_update(incident=make_incident(actor=commander), actor=commander, edit=ContentEdit(channels=("page",)))
    ask(cast, update)
    approve(cast, update)
    done = release(cast, update)
    assert Message.objects.filter(release=done).exists()
    assert of(done) == {}


def test_who_may_have_got_the_wrong_words_is_corrected_though_another_try_was_to_come(cast: Cast) -> None:
    """A first try ended without anybody knowing how; of the other reader nothing was tried."""
    subscribers("perhaps@example.com", "untried@example.com")
    wrong = released(cast)
    perhaps = Delivery.objects.filter(message__release=wrong, contact_point__address="perhaps@example.com")
    perhaps.update(state="retry_wait", tries=1, ambiguous=1)
    correction = correct(cast, wrong)
    assert list(of(correction)) == ["perhaps@example.com"]
    assert set(of(wrong).values()) == {"superseded"}
