"""The register's pages: finding somebody, changing what is known of them, their addresses, and lists in and out."""

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from console.views import imports as views
from stakeholders.models import ContactPoint, RegisterImport, Stakeholder
from stakeholders.queries.secrets import answer_of
from stakeholders.rules.entries import FIELDS
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services import (
    add_contact_point,
    record_soft_bounce,
    register_stakeholder,
    request_verification,
    suppress_contact_point,
    work_off_imports,
)
from tests.support.cast import NOW, Cast
from tests.support.lists import customers

pytestmark = pytest.mark.django_db
LIST = "/console/stakeholders/"


def ada(cast: Cast, **changes: Any) -> Stakeholder:
    values: dict[str, Any] = {"kind": "customer", "name": "Ada Lovelace", "contact_points": [("email", "ada@example.com")]} | changes
    return register_stakeholder(actor=cast.actor("comms"), now=NOW, **values)


def fields(entry: Stakeholder, **changes: Any) -> dict[str, Any]:
    return {"act": "save", "kind": entry.kind, "name": entry.name, "language": "en", "time_zone": "UTC"} | changes


def page(cast: Cast, address: str, name: str = "comms") -> str:
    answer = cast.client(name).get(address)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.mark.parametrize("words", ["lovel", "LOVEL", "ADA@ex", "crm-7", "Ad", "example.com"])
def test_somebody_is_found_by_a_part_of_the_name_or_address_and_by_the_external_id(cast: Cast, words: str) -> None:
    entry = ada(cast, external_id="crm-7")
    ada(cast, name="Bo", contact_points=[("sms", "+4930901820")])
    found = page(cast, f"{LIST}?q={words}")
    assert f"{LIST}{entry.public_id}/" in found
    assert ">Bo<" not in found


@pytest.mark.parametrize("words", ["%", "_", "lace'); --", "\\", "100%"])
def test_signs_that_databases_know_are_letters_like_others(cast: Cast, words: str) -> None:
    ada(cast)
    assert "Nobody matches" in page(cast, f"{LIST}?q=" + words.replace("%", "%25"))


def test_typing_fetches_the_rows_alone(cast: Cast) -> None:
    ada(cast)
    answer = cast.client("comms").get(f"{LIST}?q=ada", headers={"HX-Request": "true", "HX-Target": "found"})
    assert answer.content.decode().strip().startswith('<div id="found"')


def test_the_list_goes_on_after_the_last_name(cast: Cast) -> None:
    for n in range(51):
        ada(cast, name=f"Customer {n:02}", contact_points=[])
    first = page(cast, LIST)
    assert "Customer 49" in first
    assert "Customer 50" not in first
    after = Stakeholder.objects.get(name="Customer 49").public_id
    second = page(cast, f"{LIST}?after={after}")
    assert "Customer 50" in second
    assert "Customer 49" not in second


def test_kind_and_tier_narrow_the_list(cast: Cast) -> None:
    ada(cast, tier="key")
    ada(cast, name="Zora", kind="regulator")
    assert "Zora" not in page(cast, f"{LIST}?kind=customer&tier=key")
    assert "Nobody of that kind" in page(cast, f"{LIST}?kind=team")
    assert "Zora" in page(cast, f"{LIST}?kind=alien"), "what is no kind narrows nothing"


def test_somebody_is_registered_with_an_address_and_audiences(cast: Cast) -> None:
    client = cast.client("comms")
    data = {
        "kind": "person", "name": "Tess", "language": "en", "time_zone": "Europe/Berlin", "contact_kind": "sms", "address": "+49 30 901820",
        "tags": "On-Call, berlin", "audiences": ["customers"], "quiet_from": "22:00", "quiet_until": "07:00",
    }  # fmt: skip
    answer = client.post(f"{LIST}new/", data, follow=True)
    assert "Waits for its confirmation" in answer.content.decode()
    made = Stakeholder.objects.get()
    assert (made.name, made.tags, made.audience_memberships.get().audience.key) == ("Tess", ["berlin", "on-call"], "customers")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": "nonsense"}, "name@example.com"),
        ({"quiet_from": "22:00"}, "both ends"),
        ({"success_manager": "nobody"}, "No active colleague"),
        ({"organisation": "nobody"}, "No other organisation"),
        ({"time_zone": "Mars"}, "IANA"),
        ({"tags": "no_slug!"}, "is no tag"),
    ],
)
def test_a_wrong_field_is_named_beside_itself_and_what_was_typed_stays(cast: Cast, changes: dict[str, str], words: str) -> None:
    data = {"kind": "customer", "name": "Kept", "language": "en", "time_zone": "UTC", "contact_kind": "email"} | changes
    answer = cast.client("comms").post(f"{LIST}new/", data)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert words in body
    assert 'value="Kept"' in body
    assert not Stakeholder.objects.exists()


def test_the_forms_ask_for_every_field(cast: Cast) -> None:
    asked = set(re.findall(r'name="(\w+)"', page(cast, f"{LIST}new/")))
    assert {*FIELDS, "address", "contact_kind"} - {"depends_on"} <= asked, "components stand there where there are any"
    assert {*FIELDS} - {"audiences", "depends_on"} <= set(re.findall(r'name="(\w+)"', page(cast, f"{LIST}{ada(cast).public_id}/")))


def test_what_is_known_of_somebody_is_changed(cast: Cast) -> None:
    group = ada(cast, kind="organisation", name="Acme Group", contact_points=[])
    entry = ada(cast)
    change = fields(
        entry, name="Ada King", organisation="Acme Group", tier="strategic", success_manager="comms@example.com", region="eu-west"
    )
    answer = cast.client("comms").post(f"{LIST}{entry.public_id}/", change, follow=True)
    assert "Saved: Ada King." in answer.content.decode()
    entry.refresh_from_db()
    assert (entry.organisation, entry.tier, entry.success_manager, entry.region) == (group, "strategic", cast.comms, "eu-west")
    assert "Ada King" in page(cast, f"{LIST}{group.public_id}/"), "an organisation names who belongs to it"


def test_an_external_id_of_another_entry_is_refused(cast: Cast) -> None:
    ada(cast, external_id="crm-1")
    entry = ada(cast, external_id="crm-2")
    answer = cast.client("comms").post(f"{LIST}{entry.public_id}/", fields(entry, external_id="crm-1"))
    assert (answer.status_code, "Another entry has that external id" in answer.content.decode()) == (422, True)


def test_addresses_are_added_put_first_and_removed(cast: Cast) -> None:
    entry = ada(cast)
    address, client = f"{LIST}{entry.public_id}/", cast.client("comms")
    client.post(
        address, {"act": "add", "contact_kind": "slack", "address": "https://hooks.slack.com/services/T/B/secretXYZ1", "consent": "on"}
    )
    shown = page(cast, address)
    assert "hooks.slack.com/…XYZ1" in shown
    assert "secretXYZ1" not in shown
    email, slack = entry.contact_points.all()
    assert slack.consent_source == "operator"
    client.post(address, {"act": f"first:{slack.pk}"})
    assert [point.pk for point in entry.contact_points.all()] == [slack.pk, email.pk]
    client.post(address, {"act": f"remove:{email.pk}"})
    assert "ada@example.com" not in page(cast, address)
    wrong = client.post(address, {"act": "add", "contact_kind": "sms", "address": "12"})
    assert (wrong.status_code, "with its country" in wrong.content.decode()) == (422, True)
    assert client.post(address, {"act": "remove:999999"}).status_code == 404


def test_a_person_confirms_their_own_number_on_the_page_by_the_code_they_were_sent(cast: Cast) -> None:
    entry = ada(cast, kind="person", user=cast.admin, contact_points=[("sms", "+4930901820")])
    address, client = f"{LIST}{entry.public_id}/", cast.client("admin")
    point = entry.contact_points.get()
    client.post(address, {"act": f"ask:{point.pk}"})
    wrong = client.post(address, {"act": f"code:{point.pk}", "code": "000000x"})
    assert (wrong.status_code, "4 more tries" in wrong.content.decode()) == (422, True)
    done = client.post(address, {"act": f"code:{point.pk}", "code": answer_of(point.verifications.get())}, follow=True)
    assert "is confirmed" in done.content.decode()
    point.refresh_from_db()
    assert point.verification == "verified"


def test_who_only_reads_the_register_changes_nothing_there_and_the_outsider_finds_nothing(cast: Cast) -> None:
    entry = ada(cast)
    address = f"{LIST}{entry.public_id}/"
    assert "Communications reviewers" in page(cast, address, "auditor")
    point = entry.contact_points.get()
    for act in ("save", "add", f"remove:{point.pk}", f"first:{point.pk}", f"ask:{point.pk}"):
        data = fields(entry, act=act, name="Changed", contact_kind="email", address="new@example.com")
        assert cast.client("auditor").post(address, data).status_code in {302, 403}
        assert cast.client("outsider").post(address, data).status_code == 404
    entry.refresh_from_db()
    assert (entry.name, entry.contact_points.count(), point.verifications.count()) == ("Ada Lovelace", 1, 0)


def test_addresses_to_look_at_stand_with_their_reason_and_no_others(cast: Cast) -> None:
    points = [ada(cast, name=f"N{n}", contact_points=[("email", f"n{n}@example.com")]).contact_points.get() for n in range(5)]
    suppress_contact_point(actor=cast.system(), now=NOW, contact_point=points[0], reason="550", kind=SuppressionKind.BOUNCE)
    suppress_contact_point(actor=cast.system(), now=NOW, contact_point=points[1], reason="spam", kind=SuppressionKind.COMPLAINT)
    suppress_contact_point(actor=cast.system(), now=NOW, contact_point=points[2], reason="asked", kind=SuppressionKind.OPERATOR)
    record_soft_bounce(actor=cast.system(), now=NOW, contact_point=points[3])
    request_verification(actor=cast.actor("comms"), now=NOW, contact_point=points[4])
    found = page(cast, f"{LIST}addresses/", "auditor")
    assert [f"n{n}@example.com" in found for n in range(5)] == [True, True, False, True, True]
    assert "n1@example.com" not in page(cast, f"{LIST}addresses/?why=bounce")
    assert cast.client("outsider").get(f"{LIST}addresses/").status_code == 404


def uploaded(cast: Cast, text: str, name: str = "comms") -> Any:
    return cast.client(name).post(f"{LIST}imports/", {"file": SimpleUploadedFile("list.csv", text.encode())})


def test_a_list_goes_all_the_way_through_the_pages(cast: Cast) -> None:
    client = cast.client("comms")
    answer = uploaded(cast, customers(60, faults=10, duplicates=5).text.replace("checkout", ""))
    address = answer.headers["Location"]
    columns = page(cast, address)
    assert "Customer 0 Müller" in columns
    assert '<option value="external_id" selected>' in columns
    mapping = {f"column-{number}": field for number, field in RegisterImport.objects.get().mapping.items()}
    client.post(address, {"act": "check", **mapping})
    assert 'hx-trigger="every 1s"' in page(cast, address)
    work_off_imports(now=NOW, seconds=60)
    taken = RegisterImport.objects.get()
    assert f"Write {taken.counts['new']} entries to the register" in page(cast, address)
    assert "put together with line" in page(cast, f"{address}?action=merged")
    faulty = b"".join(client.get(f"{address}faults/").streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    rows = list(csv.reader(io.StringIO(faulty)))
    assert rows[0][:3] == ["line", "problem", "Customer ID"]
    assert len(rows) == taken.counts["error"] + 1
    client.post(address, {"act": "apply"})
    work_off_imports(now=NOW, seconds=60)
    assert "Take back what this import did" in page(cast, address)
    assert Stakeholder.objects.count() == taken.counts["new"]
    client.post(address, {"act": "undo"})
    work_off_imports(now=NOW, seconds=60)
    assert "taken back" in page(cast, address)
    assert not Stakeholder.objects.exists()
    assert "list.csv" in page(cast, f"{LIST}imports/")


def test_a_list_that_failed_says_why_and_is_taken_up_again_or_taken_back(cast: Cast) -> None:
    client, text = cast.client("comms"), customers(6, faults=0).text.replace("checkout", "")
    address = uploaded(cast, text).headers["Location"]
    mapping = {f"column-{number}": field for number, field in RegisterImport.objects.get().mapping.items()}
    client.post(address, {"act": "check", **mapping})
    why = "Lines 2 to 7 could not be compared: the database refused it (DataError)."
    RegisterImport.objects.update(state="failed", failed_while="checking", failure=why)
    failed = page(cast, address)
    assert why in failed
    assert "Go on comparing" in failed
    assert "Compare again" in failed
    assert "hx-trigger" not in failed
    client.post(address, {"act": "resume"})
    work_off_imports(now=NOW, seconds=60)
    client.post(address, {"act": "apply"})
    work_off_imports(now=NOW, seconds=60)
    RegisterImport.objects.update(state="failed", failed_while="applying", failure=why, done=4)
    assert "Go on writing the 2 entries left" in page(cast, address)
    assert "4 of 6 entries were written" in page(cast, address)
    for name in ("auditor", "outsider"):
        cast.client(name).post(address, {"act": "resume"})
        assert RegisterImport.objects.get().state == "failed"
    client.post(address, {"act": "undo"})
    work_off_imports(now=NOW, seconds=60)
    assert (RegisterImport.objects.get().state, Stakeholder.objects.count()) == ("undone", 0)


def test_columns_that_name_nobody_are_said_so_on_the_page(cast: Cast) -> None:
    address = uploaded(cast, "name,type\nA,customer\n").headers["Location"]
    answer = cast.client("comms").post(address, {"act": "check", "column-0": "name", "column-1": "kind"})
    assert (answer.status_code, "entries are found by it" in answer.content.decode()) == (422, True)
    cast.client("comms").post(address, {"act": "drop"})
    assert RegisterImport.objects.get().state == "dropped"


def test_the_first_rows_of_a_list_stand_with_their_headings(cast: Cast) -> None:
    shown = page(cast, uploaded(cast, "Customer;Mail\nMüller;ops@mueller.example\n").headers["Location"])
    assert '<td data-label="Customer">Müller</td><td data-label="Mail">ops@mueller.example</td>' in shown


def checked(cast: Cast, text: str, **chosen: str) -> tuple[str, Any]:
    """The import's address, and the answer to having it compared with these choices and the columns as they were understood."""
    address = uploaded(cast, text).headers["Location"]
    mapping = {f"column-{number}": field for number, field in RegisterImport.objects.get().mapping.items()}
    answer = cast.client("comms").post(address, {"act": "check", **mapping, **chosen})
    work_off_imports(now=NOW, seconds=60)
    return address, answer


def test_the_kind_is_asked_for_where_no_column_says_it(cast: Cast) -> None:
    address, answer = checked(cast, "id,name,email\nc-1,Ada,ada@example.com\n")
    assert answer.status_code == 422
    assert "No column says what the rows are." in answer.content.decode()
    assert RegisterImport.objects.get().state == "uploaded"
    mapping = {f"column-{number}": field for number, field in RegisterImport.objects.get().mapping.items()}
    cast.client("comms").post(address, {"act": "check", "kind": "known", **mapping})
    work_off_imports(now=NOW, seconds=60)
    assert RegisterImport.objects.get().counts["error"] == 1
    assert '<option value="known" selected>' in page(cast, address)
    cast.client("comms").post(address, {"act": "check", "kind": "customer", **mapping})
    work_off_imports(now=NOW, seconds=60)
    assert RegisterImport.objects.get().counts["new"] == 1


def test_from_what_would_change_there_is_a_way_back_to_the_columns(cast: Cast) -> None:
    address, _ = checked(cast, "id,name,email\nc-1,Ada,ada@example.com\n", kind="customer")
    shown = page(cast, address)
    assert '<details id="columns">' in shown
    assert '<a class="button" href="?columns=open#columns">Change the columns</a>' in shown
    assert '<details id="columns" open>' in page(cast, f"{address}?columns=open")


def test_a_list_that_puts_nobody_into_an_audience_says_so_before_it_is_written(cast: Cast) -> None:
    address, _ = checked(cast, "id,name,email\nc-1,Ada,ada@example.com\n", kind="customer")
    assert "It puts nobody into an audience." in page(cast, address)
    mapping = {f"column-{number}": field for number, field in RegisterImport.objects.get().mapping.items()}
    cast.client("comms").post(address, {"act": "check", "kind": "customer", "audiences": "customers", **mapping})
    work_off_imports(now=NOW, seconds=60)
    assert "It puts nobody into an audience." not in page(cast, address)


def test_a_file_that_is_no_table_or_too_large_is_refused_beside_the_field(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = uploaded(cast, "a\x00b,c\n1,2\n")
    assert (refused.status_code, "NUL" in refused.content.decode()) == (422, True)
    monkeypatch.setattr(views, "MOST_BYTES", 1000)
    large = uploaded(cast, "name\n" + "x" * 2000)
    assert (large.status_code, "is larger than" in large.content.decode()) == (413, True)
    assert not RegisterImport.objects.exists()


def test_an_upload_needs_the_forms_token(cast: Cast) -> None:
    client = cast.client("comms", enforce_csrf_checks=True)
    assert client.post(f"{LIST}imports/", {"file": SimpleUploadedFile("l.csv", b"id,name\n1,A\n")}).status_code == 403
    assert not RegisterImport.objects.exists()


def test_who_may_not_write_the_register_sees_no_import(cast: Cast) -> None:
    address = uploaded(cast, "id,name\n1,A\n").headers["Location"]
    for name, status in (("auditor", 403), ("outsider", 404)):
        for path in (f"{LIST}imports/", address, f"{address}progress/", f"{address}faults/"):
            assert cast.client(name).get(path).status_code == status
        assert uploaded(cast, "id,name\n2,B\n", name).status_code == status


def exported(cast: Cast, name: str = "auditor") -> list[dict[str, str]]:
    answer = cast.client(name).get(f"{LIST}export/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    return list(csv.DictReader(io.StringIO(text)))


def test_no_cell_of_the_export_is_run_by_a_spreadsheet(cast: Cast) -> None:
    ada(cast, name='=HYPERLINK("https://evil.example","click")', contract="@SUM(A1)", contact_points=[("sms", "+4930901820")])
    (row,) = exported(cast)
    assert row["name"].startswith("'=HYPERLINK")
    assert (row["contract"], row["sms"]) == ("'@SUM(A1)", "'+4930901820")
    assert cast.client("outsider").get(f"{LIST}export/").status_code == 404


def test_the_export_is_read_back_as_it_is(cast: Cast) -> None:
    group = ada(cast, kind="organisation", name="=Group", contact_points=[])
    entry = ada(
        cast, name="-Ada", external_id="crm-1", tier="key", tags=["a", "b"], organisation=group.public_id, success_manager="comms",
        quiet_from="22:00", quiet_until="07:00", joins=["customers"], contact_points=[("email", "a@x.example"), ("sms", "+4930901820")],
    )  # fmt: skip
    add_contact_point(actor=cast.actor("comms"), now=NOW, stakeholder=entry, kind="email", address="b@x.example")
    answer = cast.client("comms").get(f"{LIST}export/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    address = uploaded(cast, text).headers["Location"]
    mapping = {f"column-{number}": field for number, field in RegisterImport.objects.get().mapping.items()}
    cast.client("comms").post(address, {"act": "check", **mapping})
    work_off_imports(now=NOW, seconds=60)
    assert {row.number: row.action for row in RegisterImport.objects.get().rows.all()} == {2: "new", 3: "unchanged"}
    assert ContactPoint.objects.count() == 3
