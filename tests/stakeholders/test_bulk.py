"""Many entries brought up to date by the id another system knows them by."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry as LogEntry
from catalogue.models import Component
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.rules.entries import Entry, Point, merged
from stakeholders.services import register_stakeholder, suppress_contact_point
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
URL = "/api/v1/stakeholders/bulk/"
ACME = {
    "external_id": "crm-1", "kind": "customer", "name": "Acme", "tier": "key", "contract": "C-17", "success_manager": "comms",
    "region": "eu-west", "tags": ["beta", "eu"], "language": "de", "time_zone": "Europe/Berlin",
    "quiet_from": "22:00", "quiet_until": "07:00",
    "contact_points": [{"kind": "email", "address": "Ops@Acme.example"}, {"kind": "sms", "address": "+49 30 901820"}],
    "audiences": ["customers"],
}  # fmt: skip


def put(cast: Cast, rows: list[Any], name: str = "comms", method: str = "put", **more: Any) -> Any:
    return getattr(cast.client(name), method)(URL, {"rows": rows} | more, content_type="application/json")


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["outcome"] for row in answer.json()["results"]]


def test_the_same_call_again_changes_nothing(cast: Cast) -> None:
    assert outcomes(put(cast, [ACME])) == ["new"]
    before = LogEntry.objects.count()
    again = put(cast, [ACME], method="post")
    assert outcomes(again) == ["unchanged"]
    assert again.json()["counts"] == {"new": 0, "changed": 0, "unchanged": 1, "error": 0}
    assert LogEntry.objects.count() == before, "what changes nothing is not logged"


def test_every_field_is_set_and_read_back(cast: Cast) -> None:
    component = Component.objects.create(key="checkout", name="Checkout", is_public=True, created_at=NOW, updated_at=NOW)
    group = ACME | {"external_id": "crm-0", "name": "Acme Group", "kind": "organisation", "contact_points": []}
    put(cast, [group])
    put(cast, [ACME | {"organisation": "crm-0", "depends_on": ["checkout"]}], consent=True)
    told = cast.client("auditor").get(f"/api/v1/stakeholders/{Stakeholder.objects.get(external_id='crm-1').public_id}/").json()
    points = told.pop("contact_points")
    assert {name: told[name] for name in ACME if name != "contact_points"} == {n: v for n, v in ACME.items() if n != "contact_points"}
    assert (told["organisation"], told["depends_on"]) == (Stakeholder.objects.get(external_id="crm-0").public_id, [component.key])
    assert [(p["kind"], p["address"], p["consent_source"]) for p in points] == [
        ("email", "Ops@acme.example", "api"),
        ("sms", "+4930901820", "api"),
    ]


def test_addresses_given_are_afterwards_exactly_those_and_left_out_they_stay(cast: Cast) -> None:
    put(cast, [ACME])
    assert outcomes(put(cast, [{"external_id": "crm-1", "name": "Acme Ltd"}])) == ["changed"]
    assert ContactPoint.objects.filter(removed_at__isnull=True).count() == 2
    put(cast, [{"external_id": "crm-1", "contact_points": [{"kind": "email", "address": "new@acme.example"}]}])
    assert list(ContactPoint.objects.filter(removed_at__isnull=True).values_list("address", flat=True)) == ["new@acme.example"]
    put(cast, [ACME])
    assert ContactPoint.objects.filter(removed_at__isnull=True, suppressed_at__isnull=True).count() == 2, "and they come back"


def test_a_row_at_fault_is_answered_with_its_errors_and_leaves_the_others_alone(cast: Cast) -> None:
    rows = [
        ACME,
        {"external_id": "crm-2", "kind": "customer"},
        {"external_id": "crm-3", "name": "B", "kind": "alien"},
        {"name": "No id", "kind": "customer"},
        ACME,
        {"external_id": "crm-4", "kind": "customer", "name": "C", "contact_points": [{"kind": "email", "address": "nothing"}]},
        {"external_id": "crm-5", "kind": "customer", "name": "D", "depends_on": ["no-such"], "audiences": ["none"], "organisation": "who"},
        {"external_id": "crm-6", "kind": "customer", "name": "E", "quiet_from": "22:00"},
        {"external_id": "crm-7", "kind": "customer", "name": "F", "audiences": ["internal"]},
        {"external_id": "crm-8", "kind": "customer", "name": "G", "surprise": 1},
        {"external_id": 9, "kind": "customer", "name": ["H"]},
        {"external_id": "crm-10", "kind": "customer", "name": "I", "success_manager": "nobody"},
    ]
    Audience.objects.update_or_create(key="internal", defaults={"name": "Internal", "is_internal": True, "created_at": NOW})
    answer = put(cast, rows)
    assert outcomes(answer) == ["new", *["error"] * 11]
    wrong = [sorted(row["errors"]) for row in answer.json()["results"]]
    assert wrong == [
        [], ["name"], ["kind"], ["external_id"], ["external_id"], ["contact_points"], ["audiences", "depends_on", "organisation"],
        ["quiet_until"], ["audiences"], ["surprise"], ["name"], ["success_manager"],
    ]  # fmt: skip
    assert Stakeholder.objects.count() == 1


def test_an_entry_without_an_external_id_is_found_by_its_address_and_takes_the_id(cast: Cast) -> None:
    known = register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Acme", email="ops@acme.example")
    assert outcomes(put(cast, [ACME])) == ["changed"]
    known.refresh_from_db()
    assert known.external_id == "crm-1"


def test_two_entries_with_the_address_are_told_apart_by_nobody(cast: Cast) -> None:
    for name in ("One", "Two"):
        register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name=name, email="ops@acme.example")
    answer = put(cast, [ACME])
    assert outcomes(answer) == ["error"]
    assert "Several entries" in answer.json()["results"][0]["errors"]["external_id"][0]


def test_two_of_another_system_may_share_an_address(cast: Cast) -> None:
    assert outcomes(put(cast, [ACME, ACME | {"external_id": "crm-2"}])) == ["new", "new"]


def test_a_suppressed_address_stays_suppressed(cast: Cast) -> None:
    put(cast, [ACME])
    point = ContactPoint.objects.get(kind="email")
    suppress_contact_point(actor=cast.system(), now=NOW, contact_point=point, reason="550")
    assert outcomes(put(cast, [ACME])) == ["unchanged"]
    point.refresh_from_db()
    assert point.suppression_reason == "550"


def test_more_than_a_thousand_rows_are_refused(cast: Cast) -> None:
    assert put(cast, [ACME] * 1001).status_code == 400
    assert put(cast, []).status_code == 400


def test_a_thousand_rows_take_a_handful_of_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    rows = [
        {"external_id": f"x-{n}", "kind": "customer", "name": f"Customer {n}", "audiences": ["customers"],
         "contact_points": [{"kind": "email", "address": f"c{n}@example.com"}]}
        for n in range(1000)
    ]  # fmt: skip
    client = cast.client("comms")
    with django_assert_max_num_queries(60):
        answer = client.put(URL, {"rows": rows}, content_type="application/json")
    assert answer.json()["counts"]["new"] == 1000
    assert Audience.objects.get(key="customers").members.count() == 1000


def test_who_may_not_write_the_register_is_refused(cast: Cast) -> None:
    assert [put(cast, [ACME], name=name).status_code for name in ("outsider", "commander", "auditor")] == [403, 403, 403]
    assert not Stakeholder.objects.exists()


def test_the_log_counts_and_names_no_address(cast: Cast) -> None:
    put(cast, [ACME])
    put(cast, [ACME | {"name": "Acme Ltd"}])
    logged = {e.type: json.loads(bytes(e.body)) for e in LogEntry.objects.filter(type__startswith="stakeholder.list_")}
    public_id = Stakeholder.objects.get().public_id
    assert logged["stakeholder.list_registered"] == {"count": 1, "source": "api", "ids": [public_id]}
    assert logged["stakeholder.list_changed"] == {"count": 1, "source": "api", "ids": [public_id]}
    everything = "".join(bytes(body).decode() for body in LogEntry.objects.values_list("body", flat=True)).lower()
    assert "acme" not in everything


points = st.lists(st.builds(Point, st.just("email"), st.sampled_from(["a@x.de", "A@x.de", "b@x.de"])), max_size=3).map(tuple)
entries = st.builds(
    Entry,
    values=st.dictionaries(st.sampled_from(["name", "tier"]), st.text("ab", max_size=2)),
    lists=st.dictionaries(st.sampled_from(["tags"]), st.lists(st.sampled_from(["x", "y"]), unique=True).map(tuple)),
    points=st.one_of(st.none(), points),
)


@given(entries, entries)
def test_rows_put_together_lose_no_address_and_the_later_words_win(first: Entry, later: Entry) -> None:
    both = merged(first, later)
    assert {**first.values, **later.values} == both.values
    assert {p.key for p in both.points or ()} == {p.key for e in (first, later) for p in e.points or ()}
    assert len({p.key for p in both.points or ()}) == len(both.points or ())
    assert Entry.from_json(json.loads(json.dumps(both.as_json()))) == both
