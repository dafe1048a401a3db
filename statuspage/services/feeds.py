"""The history as Atom (RFC 4287) and RSS 2.0, in the markup that clients of Statuspage's feeds take apart."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.xmlutils import SimplerXMLGenerator

from statuspage.rules.page_views import Markdown
from statuspage.rules.public_view import IncidentStatus
from statuspage.rules.put_right import body_said
from statuspage.rules.record import IncidentRecord, PageRecord, UpdateRecord

ENTRIES = 25


class _Dated(SyndicationFeed):
    """A feed dated by its content: Django would date an empty one by the clock, and so change it every time."""

    def latest_post_date(self) -> datetime:
        updated_at: datetime = self.feed["updated_at"]
        return updated_at


class _Atom(_Dated, Atom1Feed):
    """Entries carry `content`; Django writes a summary, which Statuspage's readers do not look at."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "description": None})
        handler.addQuickElement("content", item["description"], {"type": "html"})


class _Rss(_Dated, Rss201rev2Feed):
    """RSS as Django writes it, dated by its content."""


def feeds(page: PageRecord, to_html: Markdown, *, now: datetime) -> dict[str, bytes]:
    """``history.atom`` and ``history.rss``; `now` dates feeds of a page that says nothing yet."""
    host = urlsplit(page.url).netloc
    files = {}
    for name, kind in (("history.atom", _Atom), ("history.rss", _Rss)):
        feed = kind(
            title=f"{page.name} - Incident History",
            link=f"{page.url}/history",
            description=f"{page.name} - Incident History",
            language="en-us",
            author_name=page.name,
            feed_url=f"{page.url}/{name}",
            feed_guid=f"tag:{host},2005:/history",
            updated_at=page.updated_at(now).astimezone(UTC),
        )
        for incident in page.incidents[:ENTRIES]:
            _add(feed, page, incident, host, to_html)
        files[name] = feed.writeString("utf-8").encode()
    return files


def _add(feed: SyndicationFeed, page: PageRecord, incident: IncidentRecord, host: str, to_html: Markdown) -> None:
    address = f"{page.url}/incidents/{incident.code}"
    feed.add_item(
        title=incident.name,
        link=address,
        description="".join(_paragraph(update, to_html) for update in incident.updates),
        unique_id=f"tag:{host},2005:Incident/{incident.number}" if isinstance(feed, _Atom) else address,
        unique_id_is_permalink=True,
        pubdate=incident.created_at.astimezone(UTC),
        updateddate=incident.updated_at.astimezone(UTC),
    )


def _paragraph(update: UpdateRecord, to_html: Markdown) -> str:
    at = update.at.astimezone(UTC)
    when = f"{at:%b} <var data-var='date'>{at.day}</var>, <var data-var='time'>{at:%H:%M}</var> UTC"
    text = to_html(body_said(update)).strip().removeprefix("<p>").removesuffix("</p>").replace("</p>\n<p>", "<br><br>")
    return f"<p><small>{when}</small><br><strong>{IncidentStatus(update.status).words}</strong> - {text}</p>"
