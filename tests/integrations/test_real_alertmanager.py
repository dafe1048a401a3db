"""The real program: alerts go in through its API, notifications come out at our hook."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.actors import system
from core.clock import utc_now
from incidents.models import Incident, Update
from integrations.models import InboundEvent
from integrations.rules.sources import Source
from integrations.services import create_hook_token
from tests.support.cast import Cast
from tests.support.factories import make_component
from tests.support.releases import let_go, reviewed

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="Alertmanager is not installed (Debian: prometheus-alertmanager)"),
]

CONFIG = """
route:
  receiver: statuscomms
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 1s
  repeat_interval: 2s
receivers:
  - name: statuscomms
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: {token}
"""


class Alertmanager:
    """A running Alertmanager and its API, version 2."""

    def __init__(self, port: int) -> None:
        self._port = port

    def _ask(self, method: str, path: str, data: object = None) -> int:
        line = HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            line.request(method, path, json.dumps(data), {"Content-Type": "application/json"})
            return line.getresponse().status
        finally:
            line.close()

    def is_ready(self) -> bool:
        try:
            return self._ask("GET", "/-/ready") == 200
        except OSError:
            return False

    def send(self, *, instance: str, ends: bool = False) -> None:
        """An alert begins or goes on; with `ends` it is over."""
        now = datetime.now(UTC)
        data: dict[str, Any] = {
            "labels": {"alertname": "HighErrorRate", "instance": instance, "severity": "critical", "service": "checkout"},
            "annotations": {"summary": "5xx above 5%"},
        }
        if ends:
            data["endsAt"] = (now - timedelta(milliseconds=1)).isoformat()
        else:
            data["startsAt"] = now.isoformat()
        assert self._ask("POST", "/api/v2/alerts", [data]) == 200


@pytest.fixture
def alertmanager(live_server: LiveServer, tmp_path: Path) -> Iterator[Alertmanager]:
    """Started with our hook as its only receiver."""
    _, token = create_hook_token(actor=system("test"), now=utc_now(), source=Source.ALERTMANAGER)
    config = tmp_path / "alertmanager.yml"
    config.write_text(CONFIG.format(url=f"{live_server.url}/hooks/alertmanager/", token=token))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(PROGRAM), f"--config.file={config}", f"--storage.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
            ],
            stdout=log, stderr=log, env=environment,
        )  # fmt: skip
        try:
            running = Alertmanager(port)
            wait_for(running.is_ready, "Alertmanager answers")
            yield running
        finally:
            process.terminate()
            process.wait(10)


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Until it holds; fails, naming it, when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not in {seconds} s: {what}"
        time.sleep(0.1)


def lines(incident: Incident) -> int:
    return incident.timeline.filter(kind="alert").count()


def test_a_real_alertmanager_opens_joins_notes_and_opens_anew(alertmanager: Alertmanager, cast: Cast) -> None:
    component = make_component(key="checkout", now=utc_now())
    alertmanager.send(instance="web-1")
    wait_for(Incident.objects.exists, "an incident is open")
    incident = Incident.objects.get()
    assert (incident.severity, incident.stage, incident.title) == ("SEV1", "confirmed", "HighErrorRate: 5xx above 5%")
    assert list(incident.components.all()) == [component]

    alertmanager.send(instance="web-2")
    wait_for(lambda: lines(incident) == 2, "the second instance has joined")
    # It repeats every two seconds from here on; nothing comes of that.
    time.sleep(2.5)
    assert (Incident.objects.count(), lines(incident), incident.updates.count()) == (1, 2, 1)

    for instance in ("web-1", "web-2"):
        alertmanager.send(instance=instance, ends=True)
    wait_for(lambda: incident.updates.count() == 2, "a resolution is proposed")
    proposal = incident.updates.order_by("pk").last()
    assert proposal is not None
    assert proposal.current is not None
    assert proposal.current.parsed().status == "resolved"
    assert set(Update.objects.values_list("state", flat=True)) == {"draft"}

    now = utc_now()
    let_go(cast, reviewed(cast, proposal, now), now)
    alertmanager.send(instance="web-1")
    wait_for(lambda: Incident.objects.count() == 2, "a new incident is open")
    assert set(InboundEvent.objects.values_list("outcome", flat=True)) >= {"opened", "joined", "noted"}
