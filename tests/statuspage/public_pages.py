"""A public page as the projection would give it, in several states, rendered to files."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from django.template import Context, Engine

from catalogue.rules.status import ComponentStatus
from statuspage import snapshot
from statuspage.rules.public_view import (
    ComponentView,
    GroupView,
    HistoryPageView,
    Impact,
    IncidentPageView,
    IncidentStatus,
    IncidentView,
    Indicator,
    MonthView,
    NotFoundPageView,
    PageFrame,
    PublicPageView,
    UpdateView,
)
from tests.statuspage.serving import ROOT

_ENGINE = Engine(dirs=[str(ROOT / "ui" / "html")], libraries={"tz": "django.templatetags.tz"})
_ASSETS = ROOT / "ui" / "static" / "statuspage"


def frame(now: dt.datetime) -> PageFrame:
    """The frame of Acme's page, made at `now`."""
    return PageFrame(
        name="Acme status",
        url="https://status.acme.example",
        generated_at=now,
        css="/static/page.css",
        js="/static/page.js",
        subscribe_url="https://comms.acme.example/subscribe/acme/",
    )


def groups(*, outage: bool) -> tuple[GroupView, ...]:
    """Two groups and two components of none; all well, or with an `outage` of payments by card and works besides."""
    cards = ComponentStatus.PARTIAL_OUTAGE if outage else ComponentStatus.OPERATIONAL
    works = ComponentStatus.UNDER_MAINTENANCE if outage else ComponentStatus.OPERATIONAL
    slow = ComponentStatus.DEGRADED_PERFORMANCE if outage else ComponentStatus.OPERATIONAL
    return (
        GroupView(
            "payments",
            "Payments",
            (
                ComponentView("cards", "Cards", cards, "Visa, Mastercard and American Express, in shops and online"),
                ComponentView("transfers", "Bank transfers", ComponentStatus.OPERATIONAL),
                ComponentView("payouts", "Payouts", slow),
            ),
        ),
        GroupView(
            "developers",
            "Developers",
            (
                ComponentView("api", "API", ComponentStatus.OPERATIONAL),
                ComponentView("webhooks", "Webhooks", ComponentStatus.OPERATIONAL),
            ),
        ),
        GroupView(
            "",
            "",
            (
                ComponentView("login", "Login", ComponentStatus.OPERATIONAL),
                ComponentView("reports", "Reports", works),
            ),
        ),
    )


def checkout(now: dt.datetime) -> IncidentView:
    """A live incident with two updates and the next one promised in eleven minutes."""
    return IncidentView(
        id="k3v9x2m7q1w8",
        title="Some checkouts are failing",
        status=IncidentStatus.IDENTIFIED,
        impact=Impact.MAJOR,
        started_at=now - dt.timedelta(minutes=54),
        next_update_due=now + dt.timedelta(minutes=11, seconds=20),
        components=("Cards", "Payouts"),
        updates=(
            UpdateView(
                "u2",
                IncidentStatus.IDENTIFIED,
                "<p>We have found the faulty part and are replacing it. Paying by bank transfer works.</p>"
                "<p>If a payment failed, you have not been charged. There is nothing you need to do.</p>",
                now - dt.timedelta(minutes=17),
            ),
            UpdateView(
                "u1",
                IncidentStatus.INVESTIGATING,
                "<p>Some payments by card in Europe are failing. We are looking for the cause.</p>",
                now - dt.timedelta(minutes=49),
            ),
        ),
    )


def login(now: dt.datetime) -> IncidentView:
    """A smaller incident whose promised update is late."""
    return IncidentView(
        id="b7c2d9e4f1a6",
        title="Signing in is slow <for some>",
        status=IncidentStatus.MONITORING,
        impact=Impact.MINOR,
        started_at=now - dt.timedelta(hours=3),
        next_update_due=now - dt.timedelta(minutes=4),
        components=("Login",),
        updates=(UpdateView("u3", IncidentStatus.MONITORING, "<p>A fix is in place.</p>", now - dt.timedelta(hours=1)),),
    )


def resolved(now: dt.datetime) -> IncidentView:
    """The checkout incident, over."""
    last = UpdateView("u9", IncidentStatus.RESOLVED, "<p>Card payments work again everywhere.</p>", now)
    told = (last, *checkout(now).updates)
    return replace(checkout(now), status=IncidentStatus.RESOLVED, resolved_at=now, next_update_due=None, updates=told)


def pages(now: dt.datetime) -> dict[str, bytes]:
    """Each state of each page under an address of its own."""
    shared = frame(now)
    one = PublicPageView(shared, Indicator.MAJOR, "Partial System Outage", groups(outage=True), (checkout(now),))
    this_month = MonthView(now.date().replace(day=1), (resolved(now), login(now)))
    month_before = MonthView((this_month.first_day - dt.timedelta(days=1)).replace(day=1))
    views = {
        "index.html": ("index", one),
        "several.html": ("index", replace(one, active=(checkout(now), login(now)))),
        "well.html": (
            "index",
            replace(
                one,
                indicator=Indicator.NONE,
                description="All Systems Operational",
                active=(),
                groups=groups(outage=False),
            ),
        ),
        "late.html": ("index", replace(one, frame=replace(shared, generated_at=now - dt.timedelta(minutes=9)))),
        "history/index.html": (
            "history",
            HistoryPageView(shared, (this_month, month_before), (this_month, month_before)),
        ),
        f"history/{this_month.key}.html": (
            "history",
            HistoryPageView(shared, (this_month,), (this_month, month_before), this_month),
        ),
        "incidents/k3v9x2m7q1w8.html": ("incident", IncidentPageView(shared, checkout(now))),
        "incidents/over.html": ("incident", IncidentPageView(shared, resolved(now))),
        "404.html": ("404", NotFoundPageView(shared)),
    }
    return {name: render(template, view) for name, (template, view) in views.items()}


def render(template: str, view: object) -> bytes:
    """The page from ``ui/html/statuspage/TEMPLATE.html``."""
    return _ENGINE.get_template(f"statuspage/{template}.html").render(Context({"view": view})).encode()


def publish(folder: Path, seq: int, files: Mapping[str, bytes]) -> None:
    """Publish `files` with the real style sheet and script, under their content's own names."""
    published = dict(files)
    for name in ("page.css", "page.js"):
        address = snapshot.put_static(folder, name, (_ASSETS / name).read_bytes())
        published = {file: text.replace(f"/static/{name}".encode(), address.encode()) for file, text in published.items()}
    assert snapshot.publish(folder, seq, published).applied
