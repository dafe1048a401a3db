"""Which alerts are news. An alert's episodes are told apart by `startsAt`; messages may repeat, and may come out of order."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from integrations.alertmanager.payload import Alert, Notification
from integrations.models import AlertEpisode, AlertGroup


@dataclass
class News:
    """`unseen` is what was never received; `current` the part of it that nothing received before has overtaken."""

    unseen: list[Alert] = field(default_factory=list)
    current: list[Alert] = field(default_factory=list)


def news(group: AlertGroup, alerts: Iterable[Alert]) -> News:
    """Sorts a message's alerts by what is known. The group must be locked."""
    alerts = list(alerts)
    fingerprints = {alert.fingerprint for alert in alerts}
    known = AlertEpisode.objects.filter(group=group, fingerprint__in=fingerprints)
    seen = set(known.values_list("fingerprint", "status", "starts_at"))
    found = News()
    for alert in alerts:
        this = (alert.fingerprint, alert.status, alert.starts_at)
        if this in seen:
            continue
        found.unseen.append(alert)
        if not any(_overtakes(episode, alert) for episode in seen):
            found.current.append(alert)
        seen.add(this)
    return found


def _overtakes(episode: tuple[str, str, str], alert: Alert) -> bool:
    """A later episode of the same alert makes an earlier one old news; so does the end of this very one its start."""
    fingerprint, status, starts_at = episode
    if fingerprint != alert.fingerprint:
        return False
    return starts_at > alert.starts_at or (starts_at == alert.starts_at and status == "resolved")


def everything_resolved(group: AlertGroup, notification: Notification) -> bool:
    """Whether the group is quiet as far as we know: nothing that began after this message's last end still fires."""
    last_end = max(alert.ends_at for alert in notification.alerts)
    ended = set(AlertEpisode.objects.filter(group=group, status="resolved").values_list("fingerprint", "starts_at"))
    began = AlertEpisode.objects.filter(group=group, status="firing", starts_at__gt=last_end).values_list("fingerprint", "starts_at")
    return set(began) <= ended
