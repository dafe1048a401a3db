"""Setting up who carries a channel: on or off, how fast, in which order. Secrets are not set up here: they stand in the environment."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import InvalidInput, NotFound, StaleRevision
from notifications.models import ChannelProvider
from notifications.transports.providers import missing_settings

FASTEST = 1_000_000.0
MOST_AT_ONCE = 100_000


def set_up_provider(
    *,
    actor: Actor,
    now: datetime,
    channel: str,
    provider: str,
    enabled: bool,
    rate_per_second: float | None,
    burst: int,
    expected_version: int,
) -> ChannelProvider:
    """Saves how a provider is used; what is already so changes nothing.

    Raises `InvalidInput` for a rate that lets nothing through or a provider without its secrets, `StaleRevision` when somebody else
    saved meanwhile, `NotFound`, `Forbidden`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.CHANNEL_WRITE)
        row = _locked(channel, provider)
        if row.version != expected_version:
            raise StaleRevision("Somebody else changed this meanwhile. Load the page and try again.")
        _check(row, enabled, rate_per_second, burst)
        if (row.enabled, row.rate_per_second, row.burst) == (enabled, rate_per_second, burst):
            return row
        row.enabled, row.rate_per_second, row.burst = enabled, rate_per_second, burst
        _save(row, now, work)
        return row


def ask_first(*, actor: Actor, now: datetime, channel: str, provider: str) -> ChannelProvider:
    """The provider moves to the front of its channel; the others keep their order behind it. Raises `NotFound`, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.CHANNEL_WRITE)
        rows = list(ChannelProvider.objects.select_for_update(no_key=True).filter(channel=channel).order_by("position"))
        chosen = next((row for row in rows if row.provider == provider), None)
        if chosen is None:
            raise NotFound
        ordered = [chosen, *(row for row in rows if row.pk != chosen.pk)]
        if ordered == rows:
            return chosen
        for position, row in enumerate(ordered, start=1):
            ChannelProvider.objects.filter(pk=row.pk).update(position=position, changed_at=now)
        work.record("channel.reordered", subject=f"channel:{channel}", body={"order": [row.provider for row in ordered]})
        chosen.refresh_from_db()
        return chosen


def _locked(channel: str, provider: str) -> ChannelProvider:
    row = ChannelProvider.objects.select_for_update(no_key=True).filter(channel=channel, provider=provider).first()
    if row is None:
        raise NotFound
    return row


def _check(row: ChannelProvider, enabled: bool, rate: float | None, burst: int) -> None:
    wrong: dict[str, list[str]] = {}
    if rate is not None and not 0 < rate <= FASTEST:
        wrong["rate_per_second"] = ["Give more than 0 and at most 1,000,000 a second, or leave it empty for as fast as it goes."]
    if not 1 <= burst <= MOST_AT_ONCE:
        wrong["burst"] = ["Give 1 to 100,000."]
    if enabled and (missing := missing_settings(row.channel, row.provider)):
        wrong["enabled"] = [f"Set {' and '.join(missing)} in the environment first, and start the processes anew."]
    if wrong:
        raise InvalidInput("Correct the fields named.", fields=wrong)


def _save(row: ChannelProvider, now: datetime, work: UnitOfWork) -> None:
    row.version, row.changed_at = row.version + 1, now
    row.save(update_fields=["enabled", "rate_per_second", "burst", "version", "changed_at"])
    work.record(
        "channel.set_up",
        subject=f"channel:{row.channel}",
        body={"provider": row.provider, "enabled": row.enabled, "rate_per_second": str(row.rate_per_second or ""), "burst": row.burst},
    )
