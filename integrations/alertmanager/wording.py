"""How alerts are spoken of. Internal: none of it reaches the public by itself."""

from collections.abc import Sequence

from integrations.alertmanager.payload import Alert

LONGEST_TITLE = 200


def title_of(alerts: Sequence[Alert]) -> str:
    """The rule's name and its summary, from the first alert that has them."""
    name = next((alert.name for alert in alerts if alert.name), "Alert without a name")
    words = next((alert.words for alert in alerts if alert.words), "")
    title = f"{name}: {words}" if words else name
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def line_of(alert: Alert) -> str:
    """One line of the timeline."""
    where = f" on {alert.labels['instance']}" if alert.labels.get("instance") else ""
    words = f": {alert.words}" if alert.words else ""
    return f"Alert {alert.status}: {alert.name or 'without a name'}{where}{words}"
