"""A page as the projection would be read: two groups, a resolved and a live incident."""

import datetime as dt

from catalogue.rules.status import ComponentStatus
from statuspage.rules.record import AffectedRecord, ComponentRecord, GroupRecord, IncidentRecord, PageRecord, UpdateRecord

START = dt.datetime(2026, 8, 21, 0, 7, 4, 123456, tzinfo=dt.UTC)


def at(minutes: float) -> dt.datetime:
    """That many minutes after the start."""
    return START + dt.timedelta(minutes=minutes)


def component(code: str, name: str, status: ComponentStatus, group: str | None, position: int) -> ComponentRecord:
    return ComponentRecord(code, name, "", status, group, position, dt.date(2026, 1, 2), START, at(30))


PAGE = PageRecord(
    code="pagepagepage",
    name="Acme status",
    url="https://status.acme.example",
    groups=(GroupRecord("grouppayment", "Payments", 1, START, START),),
    components=(
        component("cardscardsca", "Cards", ComponentStatus.PARTIAL_OUTAGE, "grouppayment", 1),
        component("loginloginlo", "Login", ComponentStatus.OPERATIONAL, None, 2),
    ),
    incidents=(
        IncidentRecord(
            number=7,
            code="incidentlive",
            name="Paying by card fails & more",
            status="identified",
            impact="major",
            started_at=START,
            created_at=at(3),
            updated_at=at(30),
            monitoring_at=None,
            resolved_at=None,
            next_update_due=at(60),
            updates=(
                UpdateRecord(
                    "updatesecond",
                    "identified",
                    "The cause is **known**.\n\nBank transfer works.",
                    at(30),
                    (AffectedRecord("cardscardsca", "major_outage", "partial_outage"),),
                ),
                UpdateRecord("updatefirst1", "investigating", "We are looking.", at(3), ()),
            ),
        ),
        IncidentRecord(
            number=3,
            code="incidentover",
            name="Signing in was slow",
            status="resolved",
            impact="minor",
            started_at=at(-2880),
            created_at=at(-2880),
            updated_at=at(-2800),
            monitoring_at=at(-2810),
            resolved_at=at(-2800),
            next_update_due=None,
            updates=(UpdateRecord("updatelast01", "resolved", "Over.", at(-2800), ()),),
        ),
    ),
)
