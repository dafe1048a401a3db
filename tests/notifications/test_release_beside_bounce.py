"""A release plans a letter to an address that ceases to work at the same moment, over two real connections."""

import sys
import threading
from collections.abc import Sequence

import pytest

from accounts.actors import system
from accounts.models import User
from audit.services import unit_of_work
from audit.services.append import Record, append
from notifications.models import Delivery
from stakeholders.models import ContactPoint
from stakeholders.services.stop_writing import suppress_contact_point
from tests.approvals.acts import approved, release
from tests.support.cast import NOW, Cast
from tests.support.meeting import Person, comes
from tests.support.releases import subscribers

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = system("test")
UNIT = sys.modules["audit.services.unit_of_work"]


@pytest.fixture
def head_taken(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set as soon as any unit has locked the head of the log."""
    taken = threading.Event()

    def append_and_say(records: Sequence[Record]) -> None:
        append(records)
        taken.set()

    monkeypatch.setattr(UNIT, "append", append_and_say)
    return taken


def test_a_bounce_during_a_release_does_not_stop_either(cast: Cast, head_taken: threading.Event) -> None:
    (address,) = subscribers("reader@example.com")
    update = approved(cast)
    head_taken.clear()
    with unit_of_work(actor=WORKER.ref, now=NOW):
        suppress_contact_point(actor=WORKER, now=NOW, contact_point=address, reason="bounced: 550")
        releaser = Person(lambda: release(cast, update))
        # The release passes the address that the worker has locked, and may then take the head first.
        assert head_taken.wait(10)
    assert releaser.done() is None
    assert Delivery.objects.filter(contact_point=address).count() == 1
    assert ContactPoint.objects.get(pk=address.pk).suppressed_at == NOW


def test_a_release_waits_for_a_row_that_it_refers_to_before_it_takes_the_head(cast: Cast, head_taken: threading.Event) -> None:
    (address,) = subscribers("reader@example.com")
    update = approved(cast)
    head_taken.clear()
    with unit_of_work(actor=WORKER.ref, now=NOW) as work:
        # What a deletion of the row would lock: the person who releases, whom the release refers to by a foreign key.
        User.objects.select_for_update().get(pk=cast.commander.pk)
        work.record("test.looked", subject="test:1", body={})
        releaser = Person(lambda: release(cast, update))
        assert not comes(head_taken)
        assert releaser.is_alive()
    assert releaser.done() is None
    assert Delivery.objects.filter(contact_point=address).count() == 1
