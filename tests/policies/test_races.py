"""A version is put in force while another is, or while it is withdrawn, over two real connections: without the lock, then with it."""

import sys
import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import Conflict, DomainError
from policies.models import PolicyVersion
from policies.queries import active_policy
from policies.services import activate_version, propose_version, withdraw_proposal
from policies.services.drafts import create_draft
from tests.support.cast import NOW, Cast
from tests.support.meeting import Person, meet_before
from tests.support.policies import rules_in_force

pytestmark = pytest.mark.django_db(transaction=True)

ACTIVATION = sys.modules["policies.services.activation"]


def proposed(cast: Cast, ratify: int) -> PolicyVersion:
    rules = rules_in_force(ratify_within_minutes=ratify)
    return propose_version(actor=cast.actor("admin"), now=NOW, version=create_draft(actor=cast.actor("admin"), now=NOW, rules=rules))


@pytest.fixture
def _both_about_to_retire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has found which version is in force waits a moment for the other to have found it too."""
    meet_before(monkeypatch, ACTIVATION, "why_not_activate")


def both(*acts: Callable[[], object]) -> list[Exception]:
    """Each over a connection of its own, at once; what was refused."""
    refused: list[Exception] = []

    def do(act: Callable[[], object]) -> None:
        try:
            act()
        except (DomainError, IntegrityError) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=[act], daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return refused


def activations(cast: Cast, *versions: PolicyVersion) -> list[Callable[[], object]]:
    actor = cast.actor("commander", stepped_up=True)
    return [lambda version=version: activate_version(actor=actor, now=NOW, version=version) for version in versions]  # type: ignore[misc]  # the default binds the loop's value


@pytest.mark.usefixtures("_both_about_to_retire")
def test_without_the_lock_only_the_database_keeps_two_from_being_in_force(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = proposed(cast, 60), proposed(cast, 120)
    monkeypatch.setattr(ACTIVATION, "lock_version_in_force", lambda: PolicyVersion.objects.filter(state="active").first())
    (refusal,) = both(*activations(cast, one, other))
    assert isinstance(refusal, IntegrityError)
    assert PolicyVersion.objects.filter(state="active").count() == 1


@pytest.mark.usefixtures("_both_about_to_retire")
def test_with_it_one_is_in_force_after_the_other_and_each_retires_the_one_before(cast: Cast) -> None:
    first = active_policy().pk
    one, other = proposed(cast, 60), proposed(cast, 120)
    assert both(*activations(cast, one, other)) == []
    states = dict(PolicyVersion.objects.filter(pk__in=[first, one.pk, other.pk]).values_list("pk", "state"))
    assert states[first] == "retired"
    assert sorted([states[one.pk], states[other.pk]]) == ["active", "retired"]


def withdrawn_meanwhile(cast: Cast) -> Exception:
    """The administrator withdraws a proposal that somebody is just putting in force; how that is refused."""
    version = proposed(cast, 60)
    with transaction.atomic():
        activate_version(actor=cast.actor("commander", stepped_up=True), now=NOW, version=version)
        other = Person(lambda: withdraw_proposal(actor=cast.actor("admin"), now=NOW, version=version))
        assert other.is_stuck()
    refusal = other.done()
    assert active_policy() == version
    assert refusal is not None
    return refusal


def test_without_the_versions_lock_only_the_database_keeps_it_from_being_withdrawn(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ACTIVATION, "locked_version", lambda actor, version: PolicyVersion.objects.get(pk=version.pk))
    assert isinstance(withdrawn_meanwhile(cast), IntegrityError)


def test_what_is_being_put_in_force_is_not_withdrawn_and_that_is_said(cast: Cast) -> None:
    refusal = withdrawn_meanwhile(cast)
    assert isinstance(refusal, Conflict)
    assert refusal.code == "not_proposed"
