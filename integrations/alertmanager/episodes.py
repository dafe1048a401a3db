"""Which alerts are news. An alert's episodes are told apart by `startsAt`; messages may repeat, and may come out of order."""

from collections import defaultdict
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
    known = AlertEpisode.objects.filter(group=group, fingerprint__in={alert.fingerprint for alert in alerts})
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for fingerprint, starts_at, status in known.values_list("fingerprint", "starts_at", "status"):
        seen[fingerprint].add((starts_at, status))
    found = News()
    for alert in alerts:
        episodes = seen[alert.fingerprint]
        if (alert.starts_at, alert.status) in episodes:
            continue
        found.unseen.append(alert)
        # A later episode of the same alert makes an earlier one old news; so does the end of this very one its start.
        # Compared as pairs, for “resolved” comes after “firing” in the alphabet, too.
        if not episodes or max(episodes) < (alert.starts_at, alert.status):
            found.current.append(alert)
        episodes.add((alert.starts_at, alert.status))
    return found


def everything_resolved(group: AlertGroup, notification: Notification) -> bool:
    """Whether the group is quiet as far as we know: nothing that began after this message's last end still fires."""
    last_end = max(alert.ends_at for alert in notification.alerts)
    ended = set(AlertEpisode.objects.filter(group=group, status="resolved").values_list("fingerprint", "starts_at"))
    began = AlertEpisode.objects.filter(group=group, status="firing", starts_at__gt=last_end).values_list("fingerprint", "starts_at")
    return set(began) <= ended
