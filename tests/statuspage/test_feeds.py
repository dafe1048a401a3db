"""The history feeds, in the markup that clients take apart."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from notifications.rules.markdown import to_html
from statuspage.services.feeds import feeds
from tests.statuspage.records import PAGE, at

FILES = feeds(PAGE, to_html, now=at(99))
NS = {"a": "http://www.w3.org/2005/Atom"}


def atom() -> ET.Element:
    return ET.fromstring(FILES["history.atom"])  # noqa: S314 - our own bytes


def test_atom_entries_carry_the_tag_the_link_and_both_instants() -> None:
    entry = atom().findall("a:entry", NS)[0]
    assert entry.findtext("a:id", namespaces=NS) == "tag:status.acme.example,2005:Incident/7"
    assert entry.findtext("a:title", namespaces=NS) == "Paying by card fails & more"
    assert entry.find("a:link", NS).attrib["href"] == "https://status.acme.example/incidents/incidentlive"  # type: ignore[union-attr]  # it is there
    assert entry.findtext("a:published", namespaces=NS) == "2026-08-21T00:10:04.123456+00:00"
    assert entry.findtext("a:updated", namespaces=NS) == "2026-08-21T00:37:04.123456+00:00"


def test_the_content_is_the_markup_that_clients_scrape() -> None:
    content = atom().find("a:entry/a:content", NS)
    assert content is not None
    assert content.attrib["type"] == "html"
    assert content.text == (
        "<p><small>Aug <var data-var='date'>21</var>, <var data-var='time'>00:37</var> UTC</small><br>"
        "<strong>Identified</strong> - The cause is <strong>known</strong>.<br><br>Bank transfer works.</p>"
        "<p><small>Aug <var data-var='date'>21</var>, <var data-var='time'>00:10</var> UTC</small><br>"
        "<strong>Investigating</strong> - We are looking.</p>"
    )


def test_the_feed_is_dated_by_its_content_and_names_itself() -> None:
    feed = atom()
    assert feed.findtext("a:id", namespaces=NS) == "tag:status.acme.example,2005:/history"
    assert feed.findtext("a:updated", namespaces=NS) == "2026-08-21T00:37:04.123456+00:00"
    assert feeds(PAGE, to_html, now=at(5000)) == FILES


def test_it_holds_twenty_five_entries() -> None:
    many = replace(PAGE, incidents=PAGE.incidents * 30)
    feed = ET.fromstring(feeds(many, to_html, now=at(99))["history.atom"])  # noqa: S314 - our own bytes
    assert len(feed.findall("a:entry", NS)) == 25


def test_rss_has_dates_of_rfc_822_and_the_same_markup() -> None:
    item = ET.fromstring(FILES["history.rss"]).find("channel/item")  # noqa: S314 - our own bytes
    assert item is not None
    assert re.fullmatch(r"Fri, 21 Aug 2026 00:10:04 \+0000", item.findtext("pubDate") or "")
    assert item.findtext("guid") == item.findtext("link") == "https://status.acme.example/incidents/incidentlive"
    assert "<var data-var='time'>00:37</var>" in (item.findtext("description") or "")
