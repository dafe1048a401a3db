"""Waking workers: fast when the broker is there, and quickly given up when it is not."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.db import transaction
from redis import Redis

from core.embedded.services import throw_away
from core.embedded.valkey import Valkey
from core.events import publish, register
from core.redis_urls import celery_broker_url
from core.tasks import _Broker
from notifications.handlers import nudge
from statuscomms import wiring
from statuscomms.celery import app
from statuscomms.settings.base import ROOT
from tests.support.workers import wait_until

PATIENCE = 0.5


class Happened:
    """Any event."""


@pytest.fixture
def broker() -> Iterator[Valkey]:
    """A broker of this test's own; nudges go there."""
    with throw_away(environ={"DATABASE_URL": "not wanted"}) as services:
        assert services.valkey is not None
        before = app.conf["broker_url"]
        _Broker.silent_until = 0.0
        register(Happened, after_commit=[nudge])
        app.conf.update(broker_url=celery_broker_url(services.valkey.url))
        try:
            yield services.valkey
        finally:
            app.conf.update(broker_url=before)
            _Broker.silent_until = 0.0
            wiring.connect()


def waiting(broker: Valkey) -> int:
    with Redis.from_url(broker.url) as client:
        return int(client.llen("celery"))


def commit_with_a_nudge() -> float:
    """How long the committing person waits, in seconds."""
    begun = time.monotonic()
    with transaction.atomic():
        publish(Happened())
    return time.monotonic() - begun


@pytest.mark.django_db(transaction=True)
def test_a_nudge_waits_for_a_worker_and_carries_nothing(broker: Valkey) -> None:
    commit_with_a_nudge()
    # The very first nudge of a process also loads the transport and may outlast our patience; it arrives all the same.
    wait_until(lambda: waiting(broker) == 1, 20, "the nudge")


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_costs_the_committing_person_next_to_nothing_and_is_logged(broker: Valkey, caplog: pytest.LogCaptureFixture) -> None:
    commit_with_a_nudge()
    broker.kill()
    assert commit_with_a_nudge() < PATIENCE
    assert any(record.levelno >= logging.ERROR and "nudge" in record.getMessage() for record in caplog.records)


@pytest.mark.django_db(transaction=True)
def test_a_silent_broker_is_given_up_within_half_a_second(broker: Valkey, caplog: pytest.LogCaptureFixture) -> None:
    commit_with_a_nudge()
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        assert commit_with_a_nudge() < PATIENCE
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    assert any("nudge" in record.getMessage() for record in caplog.records)


def test_a_console_process_has_loaded_the_brokers_client_before_anybody_waits_for_a_nudge() -> None:
    shown = "import sys, statuscomms.wsgi; print('kombu.transport.redis' in sys.modules, 'redis.client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True True", done.stderr
