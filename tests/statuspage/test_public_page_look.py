"""The public page as people meet it: without a script, and in a real browser behind the page process."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from statuspage.rules.public_view import GroupView, IncidentView, Indicator, PublicPageView
from tests.statuspage.public_pages import checkout, frame, groups, login, pages, publish, render
from tests.statuspage.serving import page_process

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
ADDRESSES = (
    "/",
    "/several",
    "/well",
    "/late",
    "/history",
    "/incidents/k3v9x2m7q1w8",
    "/incidents/over",
    "/no-such-page",
)
in_a_browser = pytest.mark.browser


def index(*active: IncidentView, well: bool = False) -> PublicPageView:
    view = PublicPageView(frame(NOON), Indicator.MAJOR, "Partial System Outage", groups(outage=not well), (checkout(NOON),))
    if well:
        return replace(view, indicator=Indicator.NONE, description="All Systems Operational", active=())
    return replace(view, active=active) if active else view


def text_of(html: bytes) -> str:
    body = html.decode().partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_one_incident_is_the_answer() -> None:
    text = text_of(render("index", index()))
    assert "Partial System Outage Some checkouts are failing" in text
    assert "Next update by 23 Nov 2026, 12:11 UTC" in text
    assert text.index("We have found the faulty part") < text.index("We are looking for the cause")


def test_with_several_the_overall_status_is_the_answer_and_what_is_late_says_so() -> None:
    text = text_of(render("index", index(checkout(NOON), login(NOON))))
    assert "Partial System Outage 2 incidents are being worked on." in text
    assert "The next update was due by 23 Nov 2026, 11:56 UTC" in text


def test_all_well_is_one_line_and_every_group_closed() -> None:
    html = render("index", index(well=True)).decode()
    assert "<h1>All systems operational</h1>" in html
    assert " open" not in html


def test_a_group_in_trouble_stands_open_and_shows_its_worst() -> None:
    html = render("index", index()).decode()
    assert re.search(r'<details class="group" open id="group-payments">', html)
    assert GroupView("g", "G", groups(outage=True)[0].components).status == "partial_outage"


def test_titles_are_escaped_and_nothing_is_inline_or_foreign() -> None:
    for html in pages(NOON).values():
        page = html.decode()
        assert "<for some>" not in page
        assert not re.search(r"<style|<script(?![^>]*src=)|\son\w+=|\sstyle=", page)
        loaded = re.findall(r'(?:src|rel="stylesheet" href)="([^"]+)"', page)
        assert loaded == ["/static/page.css", "/static/page.js"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("page")
    publish(folder, 1, pages(dt.datetime.now(dt.UTC)))
    with page_process(folder) as port:
        yield f"http://127.0.0.1:{port}", folder


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    return chromium


def open_page(browser: Browser, **options: object) -> Page:
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB", **options)  # type: ignore[arg-type]  # passed through
    return context.new_page()


@in_a_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_and_fits(browser: Browser, site: tuple[str, Path], theme: str, width: int) -> None:
    page = open_page(browser, color_scheme=theme, viewport={"width": width, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(error.message))
    for address in ADDRESSES:
        page.goto(site[0] + address)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        if pictures := os.environ.get("SCREENSHOTS_DIR"):
            name = address.strip("/").replace("/", "-") or "index"
            page.screenshot(path=f"{pictures}/public-{name}-{width}-{theme}.png", full_page=True)
    # A refused script or style is told here; the one thing to be told is the address that does not exist.
    assert [text for text in complaints if "404" not in text] == []
    page.context.close()


@in_a_browser
def test_times_are_in_the_readers_zone_with_utc_beside_and_clocks_count(browser: Browser, site: tuple[str, Path]) -> None:
    page = open_page(browser)
    page.goto(site[0])
    expect(page.locator(".facts time").first).to_have_text(re.compile(r"^(\d+ \w+, )?\d\d:\d\d \((\d+ \w+, )?\d\d:\d\d UTC\)$"))
    expect(page.locator(".promise")).to_have_text(re.compile(r"Next update by .*, in \d+ min"))
    expect(page.locator(".confirmed")).to_have_text(re.compile(r"^Confirmed (\d+ s|\d min) ago$"))
    first = page.locator(".confirmed").inner_text()
    expect(page.locator(".confirmed")).not_to_have_text(first)
    page.context.close()


@in_a_browser
def test_a_page_not_confirmed_for_three_intervals_says_so_plainly(browser: Browser, site: tuple[str, Path]) -> None:
    page = open_page(browser)
    page.goto(site[0] + "/late")
    expect(page.locator(".confirmed")).to_have_text(re.compile(r"Last confirmed \d+ min ago, .* may be out of date\."))
    expect(page.locator("#news")).to_contain_text("may be out of date")
    page.context.close()


@in_a_browser
def test_a_readers_wrong_clock_does_not_make_the_page_old(browser: Browser, site: tuple[str, Path]) -> None:
    page = open_page(browser)
    page.clock.install(time=dt.datetime.now(dt.UTC) + dt.timedelta(hours=2))
    page.goto(site[0] + "/well")
    page.clock.run_for(2000)
    expect(page.locator(".confirmed")).to_have_text(re.compile(r"^Confirmed (\d+ s|\d min) ago$"))
    page.context.close()


@in_a_browser
def test_without_javascript_everything_is_said(browser: Browser, site: tuple[str, Path]) -> None:
    page = open_page(browser, java_script_enabled=False)
    page.goto(site[0])
    assert "UTC" in page.locator(".confirmed").inner_text()
    assert re.search(r"Next update by \d+ \w+ \d{4}, \d\d:\d\d UTC", page.locator(".promise").inner_text())
    page.context.close()


@in_a_browser
def test_an_open_page_takes_news_over_without_reloading(browser: Browser, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    before = pages(now)
    publish(tmp_path, 1, {"index.html": before["well.html"]})
    with page_process(tmp_path) as port:
        page = open_page(browser)
        page.clock.install()
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("h1")).to_have_text("All systems operational")
        publish(tmp_path, 2, {"index.html": pages(now + dt.timedelta(seconds=1))["index.html"]})
        page.wait_for_timeout(300)
        page.clock.run_for(36_000)
        expect(page.locator("h1")).to_have_text("Some checkouts are failing")
        expect(page.locator("#news")).to_have_text("Some checkouts are failing")
        page.context.close()
