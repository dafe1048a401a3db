"""`Idempotency-Key`: a POST sent twice is done once.

The row that claims the key and everything the handler does are one transaction, so either both last or neither does. A
concurrent duplicate waits on that row. Only what succeeded is kept: a refusal changed nothing, and repeating it is safe.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import IdempotencyRecord, User
from core.clock import utc_now
from core.errors import Conflict, InvalidInput, Unprocessable

KEPT_FOR = timedelta(hours=24)
_PATIENCE = "10s"
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_REPLAYED_HEADERS = ("Content-Type", "Location", "ETag")

Handler = Callable[..., Response]


class IdempotentPostMixin(APIView):
    """List it first among a view's bases. The same key with the same body gets the same status, headers and bytes for a day."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        plain = request._request
        if request.method != "POST" or "Idempotency-Key" not in plain.headers:
            super().initial(request, *args, **kwargs)
            return
        body = plain.body  # before anything parses it: afterwards the raw bytes are gone
        super().initial(request, *args, **kwargs)
        handler: Handler | None = getattr(self, "post", None)
        if handler is None or not isinstance(request.user, User):
            return
        key = _checked(plain.headers["Idempotency-Key"])
        fingerprint = hashlib.sha256(b"\n".join([b"POST", plain.get_full_path().encode(), body])).hexdigest()
        # DRF looks the handler up on the instance right after this; a view set puts its own there in the same way.
        setattr(self, "post", partial(self._once, handler, request.user, key, fingerprint))  # noqa: B010 - no such attribute to mypy

    def _once(
        self, handler: Handler, user: User, key: str, fingerprint: str, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        with transaction.atomic():
            record, is_new = _claim(user, key, fingerprint, utc_now())
            if not is_new:
                return _replay(record, fingerprint)
            answer = self.finalize_response(request, handler(request, *args, **kwargs), *args, **kwargs)
            if isinstance(answer, Response):
                answer.render()
            if answer.status_code >= 400 or not isinstance(answer, HttpResponse):
                transaction.set_rollback(True)
                return answer
            record.status = answer.status_code
            record.body = answer.content
            record.headers = {name: answer.headers[name] for name in _REPLAYED_HEADERS if name in answer.headers}
            record.save(update_fields=["status", "body", "headers"])
            return answer


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            "Idempotency-Key cannot be used.",
            fields={"Idempotency-Key": ["Send 1 to 255 printable ASCII characters, for instance a UUID."]},
        )
    return key


def _claim(user: User, key: str, fingerprint: str, now: datetime) -> tuple[IdempotencyRecord, bool]:
    """The row of this key, and whether it is ours. Waits for a concurrent claim; raises `Conflict` when that takes too long."""
    _forget_old(user, now)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
            cursor.execute(
                "INSERT INTO accounts_idempotencyrecord (user_id, key, request_hash, headers, created_at)"
                " VALUES (%s, %s, %s, '{}', %s) ON CONFLICT (user_id, key) DO NOTHING",
                [user.pk, key, fingerprint, now],
            )
            is_new = cursor.rowcount == 1
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != "55P03":  # lock_not_available
            raise
        raise Conflict("The same request is still being worked on. Wait a few seconds and send it again with the same key.") from error
    return IdempotencyRecord.objects.get(user=user, key=key), is_new


def _forget_old(user: User, now: datetime) -> None:
    old = IdempotencyRecord.objects.filter(user=user, created_at__lt=now - KEPT_FOR).select_for_update(skip_locked=True)
    IdempotencyRecord.objects.filter(pk__in=[record.pk for record in old.only("pk")]).delete()


def _replay(record: IdempotencyRecord, fingerprint: str) -> HttpResponse:
    if record.request_hash != fingerprint:
        raise Unprocessable(
            "This Idempotency-Key was used for another request. Use a new key for a new request; to repeat one, send exactly the same body."
        )
    body = bytes(record.body) if record.body is not None else b""
    return HttpResponse(body, status=record.status, headers={**record.headers, "Idempotent-Replayed": "true"})
