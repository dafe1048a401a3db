"""Recomputes the log from its rows."""

from dataclasses import dataclass

from django.db import transaction

from audit.models import Entry, Head
from audit.rules.envelope import Envelope, commitment
from audit.rules.merkle import RootBuilder, leaf_hash


@dataclass(frozen=True)
class Verification:
    """`bad_index` is the first index that does not hold; `None` when all of them do."""

    size: int
    root: bytes
    bad_index: int | None


def verify_log() -> Verification:
    """Reads every entry in one snapshot of the database and recomputes commitment, envelope, leaf, index and root."""
    builder = RootBuilder()
    with transaction.atomic():
        _read_one_snapshot()
        size = Head.objects.values_list("size", flat=True).first()
        for entry in Entry.objects.order_by("index").iterator(chunk_size=2000):
            if entry.index != builder.size or not _holds(entry):
                return Verification(size=builder.size, root=builder.root(), bad_index=builder.size)
            builder.add(bytes(entry.leaf))
    if size != builder.size:
        return Verification(size=builder.size, root=builder.root(), bad_index=builder.size)
    return Verification(size=builder.size, root=builder.root(), bad_index=None)


def _read_one_snapshot() -> None:
    """Appends made while the log is read must not look like a wrong size; inside another transaction this cannot be asked for."""
    connection = transaction.get_connection()
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _holds(entry: Entry) -> bool:
    commit = commitment(bytes(entry.salt), bytes(entry.body))
    raw = Envelope(
        index=entry.index,
        type=entry.type,
        at=entry.at,
        actor=entry.actor,
        subject=entry.subject,
        policy_version=entry.policy_version,
        commit=commit,
    ).canonical()
    return commit == bytes(entry.commit) and raw == bytes(entry.envelope) and leaf_hash(raw) == bytes(entry.leaf)
