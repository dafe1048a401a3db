"""A test message goes on after its first answer: what the provider tells of it afterwards stands beside that."""

import uuid
from collections.abc import Collection, Sequence

from audit.services import UnitOfWork
from notifications.models import ChannelProof
from notifications.rules.states import RANKS, DeliveryState
from notifications.services.news import News


def tested(keys: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of the keys that name a test."""
    found = ChannelProof.objects.filter(key__in=keys).values_list("key", flat=True) if keys else []
    return frozenset(key for key in found if key is not None)


def follow_tests(work: UnitOfWork, news: Sequence[News]) -> None:
    """Moves each test forward, whatever order its news comes in. No address is stopped for a test: whoever sent it reads the outcome."""
    if not news:
        return
    found = ChannelProof.objects.select_for_update(of=("self",), no_key=True).select_related("provider").order_by("pk")
    proofs = {proof.key: proof for proof in found.filter(key__in={piece.key for piece in news})}
    for piece in sorted(news, key=lambda piece: piece.at):
        proof = proofs[piece.key]
        if piece.state is None or (proof.later and RANKS[piece.state] <= RANKS[DeliveryState(proof.later)]):
            continue
        proof.later, proof.later_detail, proof.later_at = piece.state, piece.detail[:200], piece.at
        proof.save(update_fields=["later", "later_detail", "later_at"])
        work.record(
            "channel.test_followed",
            subject=f"channel:{proof.provider.channel}",
            body={"provider": proof.provider.provider, "proof": proof.pk, "told": piece.state.value},
        )
