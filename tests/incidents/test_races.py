"""Two people save at the same moment, over two real connections: without the update's lock, then with it."""

import sys
import threading
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection

from accounts.actors import Actor
from core.errors import StaleRevision
from incidents.models import Update
from incidents.rules.content import Content, Wording
from incidents.services import revise_update
from tests.support.cast import NOW, Cast
from tests.support.factories import make_update
from tests.support.meeting import meet_before

pytestmark = pytest.mark.django_db(transaction=True)

REVISING = sys.modules["incidents.services.revise_update"]


@pytest.fixture
def _both_about_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is about to store a revision waits a moment for the other to be so too."""
    meet_before(monkeypatch, REVISING, "add_revision")


def both_save(cast: Cast, update: Update) -> list[Exception]:
    """Two people save different words made from revision 1; what was refused."""
    assert update.current is not None
    start = update.current.parsed()
    refused: list[Exception] = []

    def save(actor: Actor, content: Content) -> None:
        try:
            revise_update(actor=actor, now=NOW, update_id=update.pk, base_revision=1, content=content)
        except (StaleRevision, IntegrityError) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = []
    for name in ("comms", "techlead"):
        content = replace(start, wording=start.wording | {"customers": {"en": Wording("Checkout", f"Words of {name}")}})
        threads.append(threading.Thread(target=save, args=[cast.actor(name), content], daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return refused


@pytest.mark.usefixtures("_both_about_to_write")
def test_without_the_lock_only_the_constraint_keeps_two_from_one_number(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    unlocked = Update.objects.select_related("incident", "current")
    monkeypatch.setattr(REVISING, "locked_update", lambda actor, update_id: unlocked.get(pk=update_id))
    update = make_update()
    refused = both_save(cast, update)
    assert [type(error) for error in refused] == [IntegrityError]
    assert "incidents_revision_number_once" in str(refused[0])


@pytest.mark.usefixtures("_both_about_to_write")
def test_the_second_of_two_is_told_that_theirs_is_older(cast: Cast) -> None:
    update = make_update()
    refused = both_save(cast, update)
    assert [type(error) for error in refused] == [StaleRevision]
    assert list(update.revisions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert update.contributors.count() == 1
