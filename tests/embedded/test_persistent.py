"""Durable servers over a data folder, as the demo uses them."""

import os
from pathlib import Path

import psycopg2
import pytest
import redis

from core.embedded import services as services_module
from core.embedded.account import NOBODY
from core.embedded.errors import EmbeddedError
from core.embedded.services import persistent

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its servers to another account")


@pytest.fixture
def data(open_folder: Path) -> Path:
    return open_folder / "data"


def _write(database_url: str) -> None:
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')")
    connection.close()


def _read(database_url: str) -> str:
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT word FROM kept")
        row = cursor.fetchone()
    connection.close()
    assert row is not None
    return str(row[0])


def test_data_outlive_the_servers_with_full_durability(data: Path) -> None:
    data.mkdir()
    with persistent(data, environ={}) as services:
        _write(services.database_url)
        redis.Redis.from_url(services.redis_url).set("word", "still here")
        connection = psycopg2.connect(services.database_url)
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(setting, ',') FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
            )
            assert cursor.fetchone() == ("on,on,on",)
        connection.close()
    with persistent(data, environ={}) as services:
        assert _read(services.database_url) == "still here"
        assert redis.Redis.from_url(services.redis_url).get("word") == b"still here"


def test_the_mark_of_a_server_long_dead_does_not_stop_the_next(data: Path) -> None:
    data.mkdir()
    with persistent(data, environ={"REDIS_URL": "redis://elsewhere"}) as services:
        assert services.postgres is not None
        folder = services.postgres.data
    # A process number that has since gone to somebody else: to us.
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n0\n5432\n\n\n\nready\n")
    with persistent(data, environ={"REDIS_URL": "redis://elsewhere"}) as services:
        psycopg2.connect(services.database_url).close()


def test_data_of_another_major_version_are_refused_with_the_cure(data: Path) -> None:
    data.mkdir()
    with persistent(data, environ={"REDIS_URL": "redis://elsewhere"}) as services:
        assert services.postgres is not None
        folder = services.postgres.data
    (folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError, match="install PostgreSQL 9"), persistent(data, environ={}):
        pass


@as_root
def test_roots_servers_run_as_nobody(data: Path) -> None:
    data.mkdir()
    with persistent(data, environ={"REDIS_URL": "redis://elsewhere"}) as services:
        assert services.postgres is not None
        assert Path(f"/proc/{services.postgres.pid}").stat().st_uid == NOBODY
        assert services.postgres.data.is_relative_to(data)


@as_root
def test_data_of_a_checkout_that_nobody_cannot_reach_are_kept_elsewhere(
    data: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = data.parent / "elsewhere"
    monkeypatch.setattr(services_module, "ELSEWHERE", elsewhere)
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    hidden = home / "data"
    hidden.mkdir()
    with persistent(hidden, environ={"REDIS_URL": "redis://elsewhere"}) as services:
        assert services.postgres is not None
        assert services.postgres.data.is_relative_to(elsewhere)
        _write(services.database_url)
    with persistent(hidden, environ={"REDIS_URL": "redis://elsewhere"}) as services:
        assert _read(services.database_url) == "still here"
    (hidden / "servers.location").unlink()
    with persistent(hidden, environ={"REDIS_URL": "redis://elsewhere"}) as services, pytest.raises(psycopg2.errors.UndefinedTable):
        _read(services.database_url)
    assert len(list(elsewhere.iterdir())) == 1, "data whose folder was deleted are not kept for ever"
