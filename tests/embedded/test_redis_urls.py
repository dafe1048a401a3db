"""One address of Redis, read by two libraries."""

import os

import pytest
import redis
from kombu import Connection

from core.redis_urls import celery_broker_url, with_database


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("redis://:secret@host:6379/3", "redis://:secret@host:6379/3"),
        ("rediss://host/0?ssl_cert_reqs=required", "rediss://host/0?ssl_cert_reqs=required"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_celery_reads_a_unix_socket_in_its_own_spelling(given: str, expected: str) -> None:
    assert celery_broker_url(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("redis://:secret@host:6379/0", "redis://:secret@host:6379/7"),
        ("redis://host", "redis://host/7"),
        ("unix:///run/valkey.sock?db=0&password=x", "unix:///run/valkey.sock?db=7&password=x"),
    ],
)
def test_another_database_of_the_same_server(given: str, expected: str) -> None:
    assert with_database(given, 7) == expected


def test_celery_s_transport_and_redis_py_meet_in_the_same_database() -> None:
    address = with_database(os.environ["REDIS_URL"], 50)
    client = redis.Redis.from_url(address)
    client.flushdb()
    with Connection(celery_broker_url(address)) as connection:
        queue = connection.SimpleQueue("meeting")
        queue.put({"hello": "there"})
        assert client.llen("meeting") == 1
        assert queue.get(timeout=2).payload == {"hello": "there"}
        queue.close()
    client.flushdb()
