"""Whether the process lives, and whether it can work. Neither answer tells an outsider more than that."""

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_REDIS_SECONDS = 1.0

log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. No I/O, so a restart is asked for only where a restart helps."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database and Redis answer; else 503, naming the one that does not."""
    checks = {"database": _database_answers(), "redis": _redis_answers()}
    ready = all(checks.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", **{name: "ok" if fine else "unavailable" for name, fine in checks.items()}},
        status=200 if ready else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("The database does not answer: %s", type(error).__name__)
        return False
    return True


def _redis_answers() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
    try:
        client.ping()
    except redis.RedisError as error:
        log.warning("Redis does not answer: %s", type(error).__name__)
        return False
    finally:
        client.close()
    return True
