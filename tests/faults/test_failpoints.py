"""A worker killed at each step of sending: nothing is lost, and no more is doubled than nobody could know the end of."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from notifications.models import (
    AttemptOutcome,
    ChannelProvider,
    Delivery,
    DeliveryAttempt,
    DeliveryRun,
    Message,
    WindowAttempt,
    WindowOutcome,
)
from notifications.services import claim_and_send, sweep
from notifications.services.auditor import problems_found
from tests.support.cast import NOW, Cast
from tests.support.channels import lead_to
from tests.support.databases import address_of_test_database
from tests.support.fakes import providers
from tests.support.killed_at import STEPS
from tests.support.releases import released, subscribers
from tests.support.sinks import ROOT, read_journal, sink_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
READERS = 7
# What has been handed over when the worker dies, as the mail server's own journal has it.
HEARD = {"in the middle of the window": 3, "all sent and nothing recorded": READERS, "recorded and not committed": READERS}
RECORDED = {"all recorded and the run not given back", "the run given back and the message not closed"}
ON_RECORD = {"attempts committed and nothing sent", *HEARD, *RECORDED}


def die_at(step: str, port: int, folder: Path, **more: str) -> int:
    env = {
        **os.environ,
        "DATABASE_URL": address_of_test_database(),
        "DJANGO_SETTINGS_MODULE": "statuscomms.settings.test",
        "STATUSPAGE_DIR": str(folder / "page"),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port),
        "EMAIL_TIMEOUT": "2",
        **more,
    }
    return subprocess.run([sys.executable, "-m", "tests.support.killed_at", step], cwd=ROOT, env=env, check=False, timeout=120).returncode


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_there_loses_nothing(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    subscribers(*(f"reader{number}@example.com" for number in range(READERS)))
    message = Message.objects.get(release=released(cast))
    keys = {str(key) for key in Delivery.objects.values_list("key", flat=True)}
    journal = tmp_path / "journal"
    journal.touch()
    with sink_process(journal) as port:
        assert die_at(step, port, tmp_path) == -signal.SIGKILL
        # What the step says of itself is so.
        assert len(read_journal(journal)) == HEARD.get(step, READERS if step in RECORDED else 0)
        assert DeliveryAttempt.objects.count() == (READERS if step in ON_RECORD else 0)
        assert AttemptOutcome.objects.count() == (READERS if step in RECORDED else 0)
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2
        for _ in range(3):
            DeliveryRun.objects.filter(lease_until__isnull=False).update(lease_until=Now())
            sweep(now=NOW)
            DeliveryRun.objects.update(due_at=Now())
            while claim_and_send():
                pass
        heard = read_journal(journal)
    ambiguous = AttemptOutcome.objects.filter(outcome="ambiguous").count()
    assert heard.keys() == keys
    assert sum(heard.values()) - READERS <= ambiguous
    assert ambiguous == (READERS if step in ON_RECORD - RECORDED else 0)
    assert not Delivery.objects.exclude(state="accepted").exists()
    message.refresh_from_db()
    assert message.finished_at is not None
    assert not DeliveryRun.objects.exists()
    assert problems_found(lease=timedelta(seconds=6)) == []


# By SendGrid one row holds the first attempts of all. Each step is a call of the engine's own; a call has no middle to be killed in.
BY_CALL = [step for step in STEPS if step != "in the middle of the window"]


@pytest.mark.parametrize("step", BY_CALL)
def test_a_worker_killed_there_with_one_attempt_for_many_loses_nothing(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    ChannelProvider.objects.filter(provider="smtp").update(enabled=False)
    ChannelProvider.objects.filter(provider="sendgrid").update(enabled=True)
    subscribers(*(f"reader{number}@example.com" for number in range(READERS)))
    message = Message.objects.get(release=released(cast))
    keys = {str(key) for key in Delivery.objects.values_list("key", flat=True)}
    with providers() as outside:
        lead_to(outside, settings)
        named = ("SENDGRID_API_URL", "SENDGRID_API_KEY", "DEFAULT_FROM_EMAIL")
        killed = die_at(step, 1, tmp_path, **{name: getattr(settings, name) for name in named})
        assert killed == -signal.SIGKILL
        assert len(outside.taken("sendgrid")) == HEARD.get(step, READERS if step in RECORDED else 0)
        assert WindowAttempt.objects.count() == (1 if step in ON_RECORD else 0)
        assert WindowOutcome.objects.count() == (1 if step in RECORDED else 0)
        for _ in range(3):
            DeliveryRun.objects.filter(lease_until__isnull=False).update(lease_until=Now())
            sweep(now=NOW)
            DeliveryRun.objects.update(due_at=Now())
            while claim_and_send():
                pass
        heard = [taken.key for taken in outside.taken("sendgrid")]
    ambiguous = sum(len(told.deliveries) for told in WindowOutcome.objects.filter(outcome="ambiguous"))
    assert set(heard) == keys
    assert len(heard) - READERS <= ambiguous
    assert ambiguous == (READERS if step in ON_RECORD - RECORDED else 0)
    assert not Delivery.objects.exclude(state="accepted").exists()
    message.refresh_from_db()
    assert message.finished_at is not None
    assert not DeliveryRun.objects.exists()
    assert problems_found(lease=timedelta(seconds=6)) == []
