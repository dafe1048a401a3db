"""Whether an address is its reader's: asked by a link or a code, answered once, asked again when it is old, and left in peace."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from stakeholders.models import ContactPoint, Verification
from stakeholders.queries.secrets import answer_of, code_of, link_of, read_token
from stakeholders.rules.kinds import ConsentSource, SuppressionKind
from stakeholders.rules.verification import AGAIN_AFTER, ANSWER_WITHIN, LASTS, MOST_A_DAY, MOST_ATTEMPTS, STALE_AFTER, Method
from stakeholders.services import (
    confirm_by_code,
    confirm_by_link,
    register_stakeholder,
    request_verification,
    run_verifications,
    suppress_contact_point,
)
from stakeholders.services.entry_apply import Origin
from tests.support.cast import NOW, Cast
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db


def point(cast: Cast, kind: str = "email", address: str = "ada@example.com", **changes: Any) -> ContactPoint:
    values: dict[str, Any] = {"kind": "customer", "name": "Ada", "contact_points": [(kind, address)]} | changes
    return register_stakeholder(actor=cast.actor("comms"), now=NOW, **values).contact_points.get()


def phone(cast: Cast, **changes: Any) -> ContactPoint:
    values: dict[str, Any] = {"kind": "person", "name": "Tess", "contact_points": [("sms", "+4930901820")]} | changes
    return register_stakeholder(actor=cast.actor("comms"), now=NOW, **values).contact_points.get()


def ask(cast: Cast, where: ContactPoint, at: datetime = NOW, by: str = "comms") -> Verification:
    return request_verification(actor=cast.actor(by), now=at, contact_point=where)


def fresh(where: ContactPoint) -> ContactPoint:
    return ContactPoint.objects.get(pk=where.pk)


def path(asked: Verification) -> str:
    return link_of(asked).removeprefix("http://localhost:8000")


def test_looking_at_the_link_changes_nothing_and_posting_confirms(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    where = point(cast)
    asked = ask(cast, where)
    monkeypatch.setattr("stakeholders.views.utc_now", lambda: NOW + timedelta(days=6))
    for method in ("get", "head", "get"):
        assert getattr(Client(), method)(path(asked)).status_code == 200
    assert fresh(where).verification == "pending", "a scanner that follows links confirms nothing"
    page = Client().get(path(asked))
    assert "ada@example.com" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    answer = Client(enforce_csrf_checks=True).post(path(asked))
    assert b"it is confirmed" in answer.content
    found = fresh(where)
    assert (found.verification, found.verified_at, found.consent_source) == ("verified", NOW + timedelta(days=6), "form")
    assert b"it is confirmed" in Client().get(path(asked)).content, "and the same link again is no fault"
    assert Client().post(path(asked)).status_code == 200
    assert audit_types().count("contact_point.verified") == 1


@pytest.mark.parametrize("token", ["x", "1-abc:forged", "9" * 300, "1-:x"])
def test_a_link_that_is_not_ours_leads_nowhere(cast: Cast, token: str) -> None:
    ask(cast, point(cast))
    for answer in (Client().get(f"/confirm/{token}/"), Client().post(f"/confirm/{token}/")):
        assert answer.status_code == 404


def test_a_link_is_good_for_seven_days_and_until_a_later_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    where = point(cast)
    first = ask(cast, where)
    later = ask(cast, where, NOW + AGAIN_AFTER)
    monkeypatch.setattr("stakeholders.views.utc_now", lambda: NOW + AGAIN_AFTER)
    assert Client().get(path(first)).status_code == Client().post(path(first)).status_code == 410
    over = later.expires_at
    with pytest.raises(Conflict):
        confirm_by_link(now=over, token=answer_of(later))
    assert confirm_by_link(now=over - timedelta(seconds=1), token=answer_of(later)).verification == "verified"


def test_the_link_of_one_question_is_none_of_another_and_a_code_is_no_link(cast: Cast) -> None:
    one, two, code = ask(cast, point(cast)), ask(cast, point(cast, address="bo@example.com")), ask(cast, phone(cast))
    assert read_token(answer_of(one)) != read_token(answer_of(two))
    with pytest.raises(NotFound):
        confirm_by_link(now=NOW, token=answer_of(code))


def test_a_colleague_confirms_their_own_telephone_by_code(cast: Cast) -> None:
    where = phone(cast, user=cast.techlead)
    asked = ask(cast, where, by="techlead")
    code = answer_of(asked)
    assert len(code) == 6
    assert code not in str(Verification.objects.values_list())
    confirm_by_code(actor=cast.actor("techlead"), now=NOW, contact_point=where, code=f" {code[:3]} {code[3:]} ")
    found = fresh(where)
    assert (found.verification, found.verified_at, found.consent_source) == ("verified", NOW, "staff")


def test_five_wrong_codes_end_the_question_and_each_is_counted(cast: Cast) -> None:
    where = phone(cast)
    asked = ask(cast, where)
    wrong = str((int(answer_of(asked)) + 1) % 10**6).zfill(6)
    for left in range(MOST_ATTEMPTS - 1, -1, -1):
        with pytest.raises(InvalidInput, match=f"{left} more|fifth wrong"):
            confirm_by_code(actor=cast.actor("comms"), now=NOW, contact_point=where, code=wrong)
        asked.refresh_from_db()
        assert asked.attempts == MOST_ATTEMPTS - left
    assert asked.ended_as == "locked"
    with pytest.raises(Conflict, match="ten minutes"):
        confirm_by_code(actor=cast.actor("comms"), now=NOW, contact_point=where, code=answer_of(asked))
    assert fresh(where).verification == "pending"


def test_a_code_is_good_for_ten_minutes(cast: Cast) -> None:
    where = phone(cast)
    asked = ask(cast, where)
    with pytest.raises(Conflict):
        confirm_by_code(actor=cast.actor("comms"), now=NOW + LASTS[Method.CODE], contact_point=where, code=answer_of(asked))


def test_nobody_is_pestered(cast: Cast) -> None:
    where = point(cast)
    for n in range(MOST_A_DAY):
        ask(cast, where, NOW + n * AGAIN_AFTER)
        with pytest.raises(Conflict, match="less than a minute"):
            ask(cast, where, NOW + n * AGAIN_AFTER + timedelta(seconds=59))
    with pytest.raises(Conflict, match="tomorrow"):
        ask(cast, where, NOW + timedelta(hours=23))
    ask(cast, where, NOW + timedelta(hours=25))


def test_only_the_own_address_or_by_whoever_writes_the_register(cast: Cast) -> None:
    where = phone(cast, user=cast.techlead)
    for name, error in (("outsider", NotFound), ("auditor", Forbidden), ("techlead2", Forbidden)):
        with pytest.raises(error):
            ask(cast, where, by=name)
        with pytest.raises(error):
            confirm_by_code(actor=cast.actor(name), now=NOW, contact_point=where, code="000000")


def test_web_addresses_and_addresses_not_written_to_are_not_asked(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        ask(cast, point(cast, "webhook", "https://example.com/hook"))
    stopped = point(cast)
    suppress_contact_point(actor=cast.system(), now=NOW, contact_point=stopped, reason="STOP", kind=SuppressionKind.STOP)
    with pytest.raises(Conflict):
        ask(cast, stopped)


def test_lists_that_wanted_confirmation_are_asked_by_the_clock_once(cast: Cast) -> None:
    waiting = point(cast, origin=Origin(ConsentSource.IMPORT, confirm=True))
    telephone = phone(cast)
    assert run_verifications(now=NOW) == 1
    assert run_verifications(now=NOW + timedelta(minutes=5)) == 0
    assert waiting.verifications.count() == 1
    assert not telephone.verifications.exists(), "a code is asked for by whoever holds the telephone"


def confirmed(cast: Cast, where: ContactPoint) -> ContactPoint:
    confirm_by_link(now=NOW, token=answer_of(ask(cast, where)))
    return fresh(where)


def test_after_a_year_an_address_is_asked_again_and_still_written_to(cast: Cast) -> None:
    where = confirmed(cast, point(cast))
    assert run_verifications(now=NOW + STALE_AFTER - timedelta(seconds=1)) == 0
    assert run_verifications(now=NOW + STALE_AFTER) == 1
    assert (fresh(where).verification, fresh(where).suppressed_at, where.verifications.count()) == ("stale", None, 2)
    confirm_by_link(now=NOW + STALE_AFTER, token=answer_of(where.verifications.latest("pk")))
    assert fresh(where).verified_at == NOW + STALE_AFTER


def test_an_outsider_who_does_not_answer_is_left_in_peace_and_a_colleague_stays_in_reach(cast: Cast) -> None:
    outside, inside = confirmed(cast, point(cast)), confirmed(cast, point(cast, address="tess@example.com"))
    inside.stakeholder.kind = "person"
    inside.stakeholder.save()
    run_verifications(now=NOW + STALE_AFTER)
    run_verifications(now=NOW + STALE_AFTER + ANSWER_WITHIN - timedelta(seconds=1))
    assert fresh(outside).suppressed_at is None
    over = NOW + STALE_AFTER + ANSWER_WITHIN
    run_verifications(now=over)
    assert (fresh(outside).suppression_kind, fresh(outside).suppressed_at, fresh(inside).suppressed_at) == ("unconfirmed", over, None)
    late = ask(cast, outside, over + AGAIN_AFTER)
    assert fresh(outside).suppressed_at is None
    confirm_by_link(now=over + AGAIN_AFTER, token=answer_of(late))
    assert fresh(outside).verification == "verified"


def test_a_telephone_goes_stale_without_a_code_in_the_night(cast: Cast) -> None:
    where = phone(cast)
    confirm_by_code(actor=cast.actor("comms"), now=NOW, contact_point=where, code=answer_of(ask(cast, where)))
    run_verifications(now=NOW + STALE_AFTER)
    assert (fresh(where).verification, where.verifications.count()) == ("stale", 1)


def test_questions_run_out(cast: Cast) -> None:
    asked = ask(cast, point(cast))
    run_verifications(now=asked.expires_at)
    asked.refresh_from_db()
    assert (asked.ended_as, asked.ended_at) == ("expired", asked.expires_at)


def test_the_log_holds_neither_address_nor_code(cast: Cast) -> None:
    where = phone(cast)
    asked = ask(cast, where)
    confirm_by_code(actor=cast.actor("comms"), now=NOW, contact_point=where, code=answer_of(asked))
    logged = "".join(bytes(body).decode() for body in Entry.objects.values_list("body", flat=True))
    for secret in ("30901820", answer_of(asked), asked.nonce):
        assert secret not in logged


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("stakeholders_question_attempts_limited", "attempts = 6"),
        ("stakeholders_question_method_known", "method = 'fax'"),
        ("stakeholders_question_ends_somehow", "ended_at = now()"),
        ("stakeholders_question_ends_somehow", "ended_as = 'expired'"),
    ],
)
def test_the_database_holds_questions_to_their_rules(cast: Cast, constraint: str, change: str) -> None:
    asked = ask(cast, point(cast))
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        cursor.execute(f"UPDATE stakeholders_verification SET {change} WHERE id = %s", [asked.pk])  # noqa: S608 - written above


def test_one_question_is_open_at_a_time(cast: Cast) -> None:
    asked = ask(cast, point(cast))
    asked.pk = None
    with pytest.raises(IntegrityError, match="stakeholders_one_open_question"), transaction.atomic():
        asked.save(force_insert=True)


@given(st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_code_is_six_digits_and_always_the_same(nonce: str) -> None:
    assert code_of(nonce) == code_of(nonce)
    assert code_of(nonce).isdecimal()
    assert len(code_of(nonce)) == 6


def many(cast: Cast, number: int, address: str = "victim@example.com") -> list[ContactPoint]:
    """So many entries with one address in several spellings, all of which wait for their confirmation."""
    origin = Origin(ConsentSource.API, confirm=True)
    spelled = [address if n % 2 else address.upper().replace("EXAMPLE.COM", "example.com") for n in range(number)]
    return [point(cast, address=one, external_id=f"crm-{n}", origin=origin) for n, one in enumerate(spelled)]


def test_nobody_is_pestered_by_many_entries_with_their_address(cast: Cast) -> None:
    points = many(cast, MOST_A_DAY + 2)
    ask(cast, points[0])
    with pytest.raises(Conflict, match="less than a minute"):
        ask(cast, points[1])
    for n, where in enumerate(points[1:MOST_A_DAY], start=1):
        ask(cast, where, NOW + n * AGAIN_AFTER)
    with pytest.raises(Conflict, match="tomorrow"):
        ask(cast, points[MOST_A_DAY], NOW + timedelta(hours=2))
    assert Verification.objects.filter(ended_at=None).count() == 1, "one question is open at an address"


def test_the_clock_asks_once_at_an_address_and_not_again_where_nobody_answers(cast: Cast) -> None:
    many(cast, 10)
    for day in range(60):
        run_verifications(now=NOW + timedelta(days=day))
    assert Verification.objects.count() == 1


def test_one_answer_confirms_the_address_for_every_entry_that_waits(cast: Cast) -> None:
    points = many(cast, 3)
    other = point(cast, address="bo@example.com", origin=Origin(ConsentSource.API, confirm=True))
    run_verifications(now=NOW)
    asked = Verification.objects.get(contact_point__in=points)
    confirm_by_link(now=NOW, token=answer_of(asked))
    assert {(fresh(one).verification, fresh(one).consent_source) for one in points} == {("verified", "form")}
    assert fresh(other).verification == "pending"
    late = point(cast, address="victim@example.com", external_id="late", origin=Origin(ConsentSource.API, confirm=True))
    assert run_verifications(now=NOW + timedelta(days=1)) == 1, "who comes later is asked anew"
    assert late.verifications.count() == 1


def test_an_address_of_several_entries_that_is_old_is_asked_once(cast: Cast) -> None:
    points = many(cast, 3)
    confirmed(cast, points[0])
    for minute in range(5):
        run_verifications(now=NOW + STALE_AFTER + minute * AGAIN_AFTER)
    assert Verification.objects.count() == 2
    confirm_by_link(now=NOW + STALE_AFTER, token=answer_of(Verification.objects.latest("pk")))
    run_verifications(now=NOW + STALE_AFTER + timedelta(days=40))
    assert Verification.objects.count() == 2, "it was answered for all of them"


def test_the_database_holds_an_address_to_one_open_question(cast: Cast) -> None:
    one, two = many(cast, 2)
    asked = ask(cast, one)
    with pytest.raises(IntegrityError, match="stakeholders_one_question_at_address"), transaction.atomic():
        Verification.objects.create(contact_point=two, method="link", nonce="n", secret_hash="h", asked_at=NOW, expires_at=asked.expires_at)
