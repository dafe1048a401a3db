"""Holding statements to test with, made by the services themselves."""

from datetime import datetime, timedelta
from typing import Any

from approvals.models import Release, Review, ReviewRound
from approvals.queries.holding import holding_plan
from approvals.services import give_statement_verdict, release_holding, request_statement_review
from incidents.models import Incident
from templates.models import HoldingStatement, HoldingStatementVersion
from templates.queries import approved_version
from templates.services import create_statement
from tests.support.cast import NOW, Cast

VALID_FOR = timedelta(days=90)
REVIEWERS = {"technical": "techlead", "communications": "comms2", "legal": "legal"}
WORDS = {
    "title": "We are looking into a problem with {{ component_names }}",
    "body": "We noticed it on {{started_at_utc}} and say more within {{ next_update_in }}. As of {{ now_utc }}.",
}


def write_statement(cast: Cast, by: str = "comms", now: datetime = NOW, **changes: Any) -> HoldingStatementVersion:
    """A draft for customers about a disruption, unless told otherwise."""
    values: dict[str, Any] = {
        "key": "disruption-customers-en",
        "name": "Disruption, for customers",
        "scenario": "disruption",
        "audience_key": "customers",
        **WORDS,
    } | changes
    return create_statement(actor=cast.actor(by), now=now, **values)


def ask_for_review(
    cast: Cast, version: HoldingStatementVersion, by: str = "comms", now: datetime = NOW, valid_for: timedelta = VALID_FOR
) -> ReviewRound:
    return request_statement_review(
        actor=cast.actor(by), now=now, statement_id=version.statement_id, number=version.number, expires_at=now + valid_for
    )


def say_of(
    cast: Cast,
    version: HoldingStatementVersion,
    kind: str,
    verdict: str = "approve",
    by: str = "",
    comment: str = "",
    now: datetime = NOW,
) -> Review:
    return give_statement_verdict(
        actor=cast.actor(by or REVIEWERS[kind], stepped_up=True, now=now),
        now=now,
        statement_id=version.statement_id,
        kind=kind,
        verdict=verdict,
        number=version.number,
        comment=comment,
    )


def approve_statement(
    cast: Cast, version: HoldingStatementVersion, now: datetime = NOW, valid_for: timedelta = VALID_FOR
) -> HoldingStatementVersion:
    """Reviewed by everyone whom the scenario asks for; in force for 90 days unless told otherwise."""
    review_round = ask_for_review(cast, version, now=now, valid_for=valid_for)
    for slot in review_round.slots.all():
        say_of(cast, version, slot.kind, now=now)
    version.refresh_from_db()
    assert version.state == "approved"
    return version


def approved_statement(cast: Cast, now: datetime = NOW, valid_for: timedelta = VALID_FOR, **changes: Any) -> HoldingStatementVersion:
    return approve_statement(cast, write_statement(cast, now=now, **changes), now=now, valid_for=valid_for)


def seen_of(incident: Incident, *versions: HoldingStatementVersion, now: datetime = NOW) -> str:
    """What the confirm page would have shown."""
    fresh = [found for version in versions if (found := approved_version(HoldingStatement.objects.get(pk=version.statement_id)))]
    return holding_plan(Incident.objects.get(pk=incident.pk), fresh, now).seen


def let_out_holding(
    cast: Cast, incident: Incident, *versions: HoldingStatementVersion, by: str = "commander", now: datetime = NOW, seen: str = ""
) -> Release:
    return release_holding(
        actor=cast.actor(by, stepped_up=True, now=now),
        now=now,
        incident_id=incident.pk,
        statements=[version.statement.public_id for version in versions],
        seen=seen or seen_of(incident, *versions, now=now),
    )
