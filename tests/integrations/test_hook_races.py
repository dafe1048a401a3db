"""Two messages about one group at the same moment, over two real connections: without the group's lock, then with it."""

import hashlib
import threading

import pytest
from django.db import connection

from accounts.actors import system
from incidents.models import Incident
from integrations.alertmanager import receive as receiving
from integrations.models import AlertEpisode, AlertGroup, HookToken
from integrations.rules.sources import Source
from integrations.services import create_hook_token
from tests.support.alertmanager import alert, body
from tests.support.cast import NOW
from tests.support.meeting import meet_before

pytestmark = pytest.mark.django_db(transaction=True)

KEY = '{}:{alertname="HighErrorRate"}'


@pytest.fixture
def token(transactional_db: None) -> HookToken:
    return create_hook_token(actor=system("test"), now=NOW, source=Source.ALERTMANAGER)[0]


@pytest.fixture
def _both_about_to_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is about to open an incident waits a moment for the other to be so too."""
    meet_before(monkeypatch, receiving, "open_from")


def at_once(token: HookToken, *bodies: bytes) -> list[receiving.Received]:
    """Takes in each body over a connection of its own, all at the same time."""
    answers: list[receiving.Received] = []

    def take_in(sent: bytes) -> None:
        try:
            answers.append(receiving.receive(now=NOW, token=token, body=sent))
        finally:
            connection.close()

    threads = [threading.Thread(target=take_in, args=[sent], daemon=True) for sent in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return answers


@pytest.mark.usefixtures("_both_about_to_open")
def test_without_the_lock_one_group_would_open_two_incidents(token: HookToken, monkeypatch: pytest.MonkeyPatch) -> None:
    AlertGroup.objects.create(source=Source.ALERTMANAGER, key=KEY, key_digest=hashlib.sha256(KEY.encode()).hexdigest())
    monkeypatch.setattr(receiving, "locked_group", lambda key: AlertGroup.objects.get(key=key))
    at_once(token, body(alert(instance="web-1")), body(alert(instance="web-2")))
    assert Incident.objects.count() == 2


@pytest.mark.usefixtures("_both_about_to_open")
def test_one_group_opens_one_incident_and_the_other_message_joins_it(token: HookToken) -> None:
    answers = at_once(token, body(alert(instance="web-1")), body(alert(instance="web-2")))
    assert sorted(answer.outcome for answer in answers) == ["joined", "opened"]
    assert Incident.objects.get().timeline.filter(kind="alert").count() == 2
    assert AlertEpisode.objects.count() == 2


@pytest.mark.usefixtures("_both_about_to_open")
def test_the_same_message_twice_at_once_counts_once(token: HookToken) -> None:
    answers = at_once(token, body(alert()), body(alert()))
    assert sorted(answer.outcome for answer in answers) == ["nothing", "opened"]
    assert Incident.objects.get().timeline.filter(kind="alert").count() == 1
