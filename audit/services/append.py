"""Appends buffered records as the last statements of their transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from audit.models import Entry
from audit.rules.envelope import Envelope, commitment
from audit.rules.merkle import leaf_hash
from core.canonical import canonical_json


@dataclass(frozen=True)
class Record:
    """What a service says happened, before it has an index."""

    type: str
    at: datetime
    actor: str
    subject: str
    policy_version: int | None
    body: dict[str, Any]


def append(records: Sequence[Record]) -> None:
    """Takes the head's lock, numbers the records and stores their entries. Must run inside a transaction."""
    if not records:
        return
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_head SET size = size + %s WHERE id = 1 RETURNING size - %s", [len(records), len(records)])
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError("The audit log has no head row: run the migrations.")
    Entry.objects.bulk_create([_entry(index, record) for index, record in enumerate(records, start=row[0])])


def _entry(index: int, record: Record) -> Entry:
    salt = secrets.token_bytes(32)
    body = canonical_json(record.body)
    envelope = Envelope(
        index=index,
        type=record.type,
        at=record.at,
        actor=record.actor,
        subject=record.subject,
        policy_version=record.policy_version,
        commit=commitment(salt, body),
    )
    raw = envelope.canonical()
    return Entry(
        index=index,
        type=record.type,
        at=record.at,
        actor=record.actor,
        subject=record.subject,
        policy_version=record.policy_version,
        commit=envelope.commit,
        salt=salt,
        body=body,
        envelope=raw,
        leaf=leaf_hash(raw),
    )
