"""Several addresses of one entry: added, changed, removed, ordered; what the log says of it, and what the database holds to."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from accounts.actors import system
from audit.models import Entry
from core.errors import Conflict, Forbidden, InvalidInput
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.queries import reachable_contact_points
from stakeholders.rules.bounces import FAILS_FOR, SOFT_LIMIT
from stakeholders.rules.kinds import ConsentSource, SuppressionKind
from stakeholders.services import (
    add_contact_point,
    add_members,
    change_contact_point,
    lift_suppression,
    order_contact_points,
    record_delivered,
    record_soft_bounce,
    register_stakeholder,
    remove_contact_point,
    suppress_contact_point,
)
from stakeholders.services.entry_apply import Origin
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
POINTS = [("email", "Ada@Example.com"), ("sms", "+49 30 901820"), ("slack", "https://hooks.slack.com/services/T0/B0/secret")]


def ada(cast: Cast, **changes: Any) -> Stakeholder:
    values: dict[str, Any] = {"kind": "customer", "name": "Ada", "contact_points": POINTS} | changes
    return register_stakeholder(actor=cast.actor("comms"), now=NOW, **values)


def standing(stakeholder: Stakeholder) -> list[str]:
    return [point.address for point in stakeholder.contact_points.filter(removed_at__isnull=True)]


def test_an_entry_has_several_addresses_in_its_order_of_preference(cast: Cast) -> None:
    assert standing(ada(cast)) == ["Ada@example.com", "+4930901820", "https://hooks.slack.com/services/T0/B0/secret"]


def test_an_address_given_twice_in_other_capitals_is_taken_once(cast: Cast) -> None:
    assert standing(ada(cast, contact_points=[("email", "ada@example.com"), ("email", "ADA@example.com")])) == ["ada@example.com"]


def test_a_wrong_address_among_several_is_named(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refused:
        ada(cast, contact_points=[*POINTS, ("sms", "12")])
    assert "with its country" in refused.value.fields["contact_points"][0]
    assert not Stakeholder.objects.exists()


def test_a_colleagues_telephone_waits_for_its_confirmation_and_a_customers_does_not(cast: Cast) -> None:
    of = {kind: ada(cast, kind=kind).contact_points.get(kind="sms").verification for kind in ("person", "team", "customer", "regulator")}
    assert of == {"person": "pending", "team": "pending", "customer": "unneeded", "regulator": "unneeded"}


def test_what_waits_for_its_confirmation_is_not_reached(cast: Cast) -> None:
    audience, person, customer = Audience.objects.get(key="customers"), ada(cast, kind="person"), ada(cast)
    add_members(actor=cast.actor("comms"), now=NOW, audience=audience, stakeholders=[person, customer])
    assert [point.stakeholder_id for point in reachable_contact_points(["customers"], "sms")] == [customer.pk]


def test_consent_is_kept_with_its_time_and_source(cast: Cast) -> None:
    point = add_contact_point(
        actor=cast.actor("comms"), now=NOW, stakeholder=ada(cast), kind="email", address="b@example.com",
        origin=Origin(ConsentSource.API, consent=True, confirm=True),
    )  # fmt: skip
    assert (point.consent_at, point.consent_source, point.verification, point.position) == (NOW, "api", "pending", 3)


def test_another_address_takes_the_place_of_the_old_one_which_is_kept_and_written_to_no_more(cast: Cast) -> None:
    entry = ada(cast)
    old = entry.contact_points.get(kind="sms")
    new = change_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=old, address="+1 212 555 0123")
    old.refresh_from_db()
    assert standing(entry) == ["Ada@example.com", "+12125550123", "https://hooks.slack.com/services/T0/B0/secret"]
    assert (new.position, old.removed_at, old.suppression_kind) == (1, NOW, "operator")


def test_an_address_on_this_machine_is_taken_only_where_the_way_out_may_dial_it(cast: Cast, settings: Settings) -> None:
    here = [("webhook", "http://127.0.0.1:9000/hook")]
    assert standing(ada(cast, contact_points=here)) == ["http://127.0.0.1:9000/hook"]
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    with pytest.raises(InvalidInput):
        ada(cast, contact_points=here)


def test_a_removed_address_comes_back_when_it_is_added_again(cast: Cast) -> None:
    entry = ada(cast)
    point = entry.contact_points.get(kind="sms")
    remove_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=point)
    assert not reachable_contact_points(["customers"], "sms").exists()
    with pytest.raises(Conflict, match="removed"):
        lift_suppression(actor=cast.actor("comms"), now=NOW, contact_point=point, reason="again")
    back = add_contact_point(actor=cast.actor("comms"), now=NOW, stakeholder=entry, kind="sms", address="+4930901820")
    assert (back.pk, back.suppressed_at, back.removed_at) == (point.pk, None, None)


def test_an_address_whose_reader_asked_for_no_more_stays_stopped_when_it_comes_back(cast: Cast) -> None:
    entry = ada(cast)
    point = entry.contact_points.get(kind="sms")
    suppress_contact_point(actor=system("twilio"), now=NOW, contact_point=point, reason="STOP", kind=SuppressionKind.STOP)
    remove_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=point)
    back = add_contact_point(actor=cast.actor("comms"), now=NOW, stakeholder=entry, kind="sms", address="+4930901820")
    assert (back.removed_at, back.suppression_kind, back.suppression_reason) == (None, "stop", "STOP")


def test_the_order_is_set_and_nobody_elses_address_is_ordered(cast: Cast) -> None:
    entry, other = ada(cast), ada(cast)
    email, sms, slack = entry.contact_points.all()
    order_contact_points(actor=cast.actor("comms"), now=NOW, stakeholder=entry, ids=[slack.pk, email.pk])
    assert [point.pk for point in entry.contact_points.all()] == [slack.pk, email.pk, sms.pk]
    with pytest.raises(InvalidInput):
        order_contact_points(actor=cast.actor("comms"), now=NOW, stakeholder=entry, ids=[other.contact_points.all()[0].pk])


def test_the_same_address_twice_and_the_twenty_first_are_refused(cast: Cast) -> None:
    entry = ada(cast, contact_points=[("email", f"a{n}@example.com") for n in range(20)])
    for address, why in (("A0@example.com", "already"), ("new@example.com", "at most 20")):
        with pytest.raises(Conflict, match=why):
            add_contact_point(actor=cast.actor("comms"), now=NOW, stakeholder=entry, kind="email", address=address)


def test_who_may_not_write_the_register_changes_no_address(cast: Cast) -> None:
    entry = ada(cast)
    point = entry.contact_points.all()[0]
    for name in ("outsider", "commander", "auditor"):
        actor = cast.actor(name)
        with pytest.raises(Forbidden):
            add_contact_point(actor=actor, now=NOW, stakeholder=entry, kind="email", address="b@example.com")
        with pytest.raises(Forbidden):
            change_contact_point(actor=actor, now=NOW, contact_point=point, address="b@example.com")
        with pytest.raises(Forbidden):
            remove_contact_point(actor=actor, now=NOW, contact_point=point)
        with pytest.raises(Forbidden):
            order_contact_points(actor=actor, now=NOW, stakeholder=entry, ids=[point.pk])
        with pytest.raises(Forbidden):
            record_soft_bounce(actor=actor, now=NOW, contact_point=point)


def test_the_log_says_what_was_done_and_no_address(cast: Cast) -> None:
    entry = ada(cast)
    point = add_contact_point(actor=cast.actor("comms"), now=NOW, stakeholder=entry, kind="email", address="b@example.com")
    new = change_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=point, address="c@example.com")
    remove_contact_point(actor=cast.actor("comms"), now=NOW, contact_point=new)
    types = list(Entry.objects.order_by("index").values_list("type", flat=True))
    assert types[-5:] == ["stakeholder.registered", *["contact_point.added"] * 2, *["contact_point.removed"] * 2]
    logged = "".join(bytes(body).decode() for body in Entry.objects.values_list("body", flat=True)).lower()
    assert json.loads(bytes(Entry.objects.get(type="stakeholder.registered").body))["channels"] == ["email", "slack", "sms"]
    for secret in ("example.com", "30901820", "hooks.slack", "ada"):
        assert secret not in logged


def bounce(cast: Cast, point: ContactPoint, times: int, *, apart: timedelta) -> ContactPoint:
    for n in range(times):
        point = record_soft_bounce(actor=system("bounces"), now=NOW + n * apart, contact_point=point, detail="452 mailbox full")
    return point


def test_soft_bounces_in_a_row_over_days_suppress_and_a_bad_night_does_not(cast: Cast) -> None:
    email, sms, slack = ada(cast).contact_points.all()
    night = bounce(cast, email, SOFT_LIMIT * 3, apart=timedelta(hours=1))
    assert (night.soft_bounces, night.bad_since, night.suppressed_at) == (SOFT_LIMIT * 3, NOW, None)
    days = bounce(cast, sms, SOFT_LIMIT, apart=FAILS_FOR / (SOFT_LIMIT - 1))
    assert (days.suppression_kind, days.suppression_reason) == ("bounce", "bounced 5 times since 2026-03-02: 452 mailbox full")
    few = bounce(cast, slack, SOFT_LIMIT - 1, apart=FAILS_FOR)
    assert few.suppressed_at is None


def test_what_arrives_ends_the_row_of_soft_bounces(cast: Cast) -> None:
    point = bounce(cast, ada(cast).contact_points.all()[0], 2, apart=FAILS_FOR)
    assert record_delivered(contact_points=[point.pk]) == 1
    assert record_delivered(contact_points=[point.pk]) == 0
    point.refresh_from_db()
    assert (point.soft_bounces, point.bad_since) == (0, None)


ROW = (
    "INSERT INTO stakeholders_contactpoint (stakeholder_id, kind, address, position, verification, verified_at, consent_at, consent_source,"
)
ROW += " suppressed_at, suppression_kind, suppression_reason, soft_bounces, bad_since, removed_at, created_at) VALUES (%s, {}, now())"
GOOD: dict[str, str] = {
    "kind": "'email'", "address": "'b@example.com'", "position": "0", "verification": "'unneeded'", "verified_at": "NULL",
    "consent_at": "NULL", "consent_source": "''", "suppressed_at": "NULL", "suppression_kind": "''",
    "suppression_reason": "''", "soft_bounces": "0",
    "bad_since": "NULL", "removed_at": "NULL",
}  # fmt: skip


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("stakeholders_contact_kind_known", {"kind": "'fax'"}),
        ("stakeholders_number_normal", {"kind": "'sms'", "address": "'030 901820'"}),
        ("stakeholders_web_address_normal", {"kind": "'webhook'", "address": "'http://example.com/'"}),
        ("stakeholders_web_address_normal", {"kind": "'slack'", "address": "'http://localhost.example.com/'"}),
        ("stakeholders_email_normal", {"address": "'b@EXAMPLE.com'"}),
        ("stakeholders_suppression_has_reason", {"suppressed_at": "now()", "suppression_reason": "'550'"}),
        ("stakeholders_suppression_has_reason", {"suppressed_at": "now()", "suppression_kind": "'bounce'"}),
        ("stakeholders_suppression_has_reason", {"suppression_kind": "'bounce'"}),
        ("stakeholders_removed_is_suppressed", {"removed_at": "now()"}),
        ("stakeholders_verified_at_some_time", {"verification": "'verified'"}),
        ("stakeholders_verified_at_some_time", {"verified_at": "now()"}),
        ("stakeholders_verified_at_some_time", {"verification": "'perhaps'"}),
        ("stakeholders_consent_has_source", {"consent_at": "now()"}),
        ("stakeholders_consent_has_source", {"consent_source": "'api'"}),
        ("stakeholders_bad_since_first_bounce", {"soft_bounces": "1"}),
        ("stakeholders_bad_since_first_bounce", {"bad_since": "now()"}),
    ],
)
def test_the_database_holds_addresses_to_their_rules(cast: Cast, constraint: str, changes: dict[str, str]) -> None:
    entry = ada(cast)
    with connection.cursor() as cursor:
        cursor.execute(ROW.format(", ".join(GOOD.values())), [entry.pk])
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            cursor.execute(ROW.format(", ".join((GOOD | {"address": "'c@example.com'"} | changes).values())), [entry.pk])


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("stakeholders_tier_known", "tier = 'gold'"),
        ("stakeholders_external_id_not_empty", "external_id = ''"),
        ("stakeholders_quiet_hours_whole", "quiet_from = '22:00'"),
        ("stakeholders_quiet_hours_whole", "quiet_from = '22:00', quiet_until = '22:00'"),
        ("stakeholders_not_its_own_organisation", "organisation_id = id"),
        ("stakeholders_tags_are_slugs", "tags = '{\"Two Words\"}'"),
        ("stakeholders_tags_are_slugs", "tags = '{NULL}'"),
        ("stakeholders_tags_are_slugs", 'tags = \'{"a,b", ""}\''),
        ("stakeholders_region_is_slug", "region = 'EU West'"),
    ],
)
def test_the_database_holds_entries_to_their_rules(cast: Cast, constraint: str, change: str) -> None:
    entry = ada(cast)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        cursor.execute(f"UPDATE stakeholders_stakeholder SET {change} WHERE id = %s", [entry.pk])  # noqa: S608 - written above
