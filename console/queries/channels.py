"""How each channel is set up, as its pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings

from accounts.actors import Actor
from console.channel_words import CALLS, LATER, OUTCOMES, provider_name
from core.errors import NotFound
from notifications.models import ChannelProof, ChannelProvider
from notifications.transports.providers import missing_settings, needed_settings, visible_providers
from stakeholders.rules.channel_words import PERSONAL_WORDS, channel_name, channel_words


@dataclass(frozen=True)
class ProofLine:
    """A test, what the provider answered at once, and what it told later (empty: nothing). `tone`s are values of badges."""

    proof: ChannelProof
    words: str
    tone: str
    later: str = ""
    later_tone: str = ""


@dataclass(frozen=True)
class ProviderLine:
    """One provider. `state` is in words, `tone` a badge's value."""

    row: ChannelProvider
    name: str
    state: str
    tone: str
    is_first: bool
    missing: Sequence[str]
    last: ProofLine | None


@dataclass(frozen=True)
class ChannelCard:
    """One channel with its providers in the order they are asked."""

    key: str
    name: str
    lines: Sequence[ProviderLine]


def channel_cards(actor: Actor) -> list[ChannelCard]:
    """Every channel. Raises `Forbidden`."""
    cards = [
        ChannelCard(channel, channel_name(channel), _lines(list(rows)))
        for channel, rows in groupby(visible_providers(actor), key=lambda row: row.channel)
    ]
    order = list(PERSONAL_WORDS)
    return sorted(cards, key=lambda card: (order.index(card.key) if card.key in order else len(order), card.key))


def provider_page(actor: Actor, channel: str, provider: str) -> dict[str, object]:
    """Everything about one provider. Raises `NotFound`, `Forbidden`."""
    rows = [row for row in visible_providers(actor) if row.channel == channel]
    line = next((line for line in _lines(rows) if line.row.provider == provider), None)
    if line is None:
        raise NotFound
    return {
        "line": line,
        "channel_name": channel_name(channel),
        "channel_words": channel_words(channel),
        "settings_needed": [(name, bool(getattr(settings, name))) for name in needed_settings(channel, provider)],
        "calls": [(settings.CONSOLE_URL + path, words) for path, words in CALLS.get(provider, ())],
        "proofs": [_proof(proof) for proof in line.row.proofs.all()[:10]],
        "may_be_first": len(rows) > 1 and rows[0].pk != line.row.pk,
    }


def _lines(rows: Sequence[ChannelProvider]) -> list[ProviderLine]:
    usable = [row.pk for row in rows if row.enabled and not missing_settings(row.channel, row.provider)]
    return [_line(row, usable[:1] == [row.pk], alone=len(usable) < 2) for row in rows]


def _line(row: ChannelProvider, is_first: bool, *, alone: bool) -> ProviderLine:
    missing, latest = missing_settings(row.channel, row.provider), next(iter(row.proofs.all()), None)
    if not row.enabled:
        state, tone = "Off", "draft"
    elif missing:
        state, tone = "Cannot work", "failed"
    else:
        state, tone = ("In use" if alone else "Asked first", "active") if is_first else ("Steps in", "queued")
    return ProviderLine(row, provider_name(row.provider), state, tone, is_first, missing, _proof(latest) if latest else None)


def _proof(proof: ChannelProof) -> ProofLine:
    tone = "accepted" if proof.outcome == "accepted" else "uncertain" if proof.outcome in {"", "ambiguous"} else "failed"
    return ProofLine(proof, OUTCOMES.get(proof.outcome, proof.outcome), tone, *LATER.get(proof.later, (proof.later, "")))
