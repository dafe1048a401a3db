"""Taking a list back deletes what stands as the list left it, and nothing that somebody has touched since."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from stakeholders.models import Audience, ContactPoint, ImportRow, RegisterImport, Stakeholder
from stakeholders.queries.secrets import answer_of
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services import (
    add_contact_point,
    add_members,
    change_stakeholder,
    confirm_by_link,
    opt_out,
    order_contact_points,
    register_stakeholder,
    request_verification,
    start_apply,
    start_check,
    start_undo,
    stop_address,
    suppress_contact_point,
    take_file,
    work_off_imports,
)
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
LIST = "External ID,Name,E-mail,Telephone\nA-1,Ada,ada@example.com,+49 30 901820\nA-2,Bo,bo@example.com,\n"
OPTIONS: dict[str, Any] = {"kind": "customer", "country": "", "audiences": ["customers"], "consent": True, "confirm": False}


def worked_off(made: RegisterImport) -> RegisterImport:
    while work_off_imports(now=NOW, seconds=60):
        pass
    made.refresh_from_db()
    return made


def applied(cast: Cast, text: str = LIST, **options: Any) -> RegisterImport:
    comms = cast.actor("comms")
    made = take_file(actor=comms, now=NOW, file=io.BytesIO(text.encode()), name="customers.csv")
    start_check(actor=comms, now=NOW, taken=made, mapping=made.mapping, options=OPTIONS | options)
    worked_off(made)
    start_apply(actor=comms, now=NOW, taken=made)
    return worked_off(made)


def undone(cast: Cast, made: RegisterImport) -> RegisterImport:
    start_undo(actor=cast.actor("comms"), now=NOW, taken=made)
    return worked_off(made)


def kept() -> dict[int, str]:
    return dict(ImportRow.objects.values_list("number", "kept"))


def ada() -> Stakeholder:
    return Stakeholder.objects.get(external_id="A-1")


def mail() -> ContactPoint:
    return ada().contact_points.get(kind="email")


def renamed(cast: Cast) -> None:
    change_stakeholder(actor=cast.actor("comms"), now=LATER, stakeholder=ada(), name="Ada Lovelace")


def given_another_address(cast: Cast) -> None:
    add_contact_point(actor=cast.actor("comms"), now=LATER, stakeholder=ada(), kind="email", address="a@example.org")


def stopped_by_hand(cast: Cast) -> None:
    suppress_contact_point(actor=cast.actor("comms"), now=LATER, contact_point=mail(), reason="asked by telephone")


def stopped_by_its_reader(cast: Cast) -> None:
    suppress_contact_point(actor=cast.system(), now=LATER, contact_point=mail(), reason="spam", kind=SuppressionKind.COMPLAINT)


def unsubscribed(cast: Cast) -> None:
    opt_out(actor=cast.system(), now=LATER, contact_point=mail(), audience=Audience.objects.get(key="customers"), source="page")


def confirmed(cast: Cast) -> None:
    asked = request_verification(actor=cast.actor("comms"), now=LATER, contact_point=mail())
    confirm_by_link(now=LATER, token=answer_of(asked))


def put_in_another_audience(cast: Cast) -> None:
    others = Audience.objects.create(key="others", name="Others", created_at=NOW)
    add_members(actor=cast.actor("comms"), now=LATER, audience=others, stakeholders=[ada()])


def ordered(cast: Cast) -> None:
    ids = list(ada().contact_points.order_by("-position").values_list("pk", flat=True))
    order_contact_points(actor=cast.actor("comms"), now=LATER, stakeholder=ada(), ids=ids)


def named_as_somebodys_organisation(cast: Cast) -> None:
    Stakeholder.objects.create(kind="person", name="Cy", organisation=ada(), created_at=LATER)


@pytest.mark.parametrize(
    ("touched", "says"),
    [
        (renamed, "name"),
        (given_another_address, "addresses"),
        (stopped_by_hand, "addresses"),
        (stopped_by_its_reader, "addresses"),
        (unsubscribed, "addresses"),
        (confirmed, "addresses"),
        (ordered, "addresses"),
        (put_in_another_audience, "audiences"),
        (named_as_somebodys_organisation, "others belong to it"),
    ],
)
def test_a_new_entry_that_was_touched_since_is_kept_whole_and_its_row_says_why(
    cast: Cast, touched: Callable[[Cast], None], says: str
) -> None:
    made = applied(cast)
    touched(cast)
    before = [list(ada().contact_points.values()), list(ada().audience_memberships.values())]
    done = undone(cast, made)
    assert [list(ada().contact_points.values()), list(ada().audience_memberships.values())] == before
    assert kept() == {2: says, 3: ""}
    assert not Stakeholder.objects.filter(external_id="A-2").exists(), "what nobody touched is deleted"
    assert (done.counts["undone"], done.counts["kept"]) == (1, 1)


def test_what_the_page_says_of_kept_rows(cast: Cast) -> None:
    made = applied(cast)
    renamed(cast)
    stopped_by_hand(cast)
    undone(cast, made)
    page = cast.client("comms").get(f"/console/stakeholders/imports/{made.public_id}/").content.decode()
    assert "1 new entry kept: somebody changed it since" in page
    assert "kept, changed since: name, addresses" in page


def test_a_stop_that_an_address_came_with_is_no_change_and_outlives_the_entry(cast: Cast) -> None:
    early = NOW - timedelta(days=1)
    stop_address(actor=cast.system(), now=early, kind="email", address="ada@example.com", because=SuppressionKind.STOP, reason="asked")
    made = applied(cast)
    assert mail().suppression_kind == "stop"
    undone(cast, made)
    assert not Stakeholder.objects.exists()
    applied(cast)
    assert mail().suppression_kind == "stop"


def test_whole_entries_with_organisations_and_quiet_hours_go_untouched(cast: Cast) -> None:
    text = (
        "External ID,Kind,Name,E-mail,Organisation,Quiet from,Quiet until,Tags\n"
        "O-1,organisation,Acme,acme@example.com,,,,\nA-1,customer,Ada,ada@example.com,O-1,22:00,06:30,b;a\n"
    )
    comms = cast.actor("comms")
    register_stakeholder(actor=comms, now=NOW, kind="organisation", name="Acme", external_id="O-1")
    made = applied(cast, text)
    undone(cast, made)
    assert list(Stakeholder.objects.values_list("external_id", flat=True)) == ["O-1"]
    assert set(kept().values()) == {""}


def test_an_imported_address_of_an_old_entry_stays_where_it_was_confirmed_since(cast: Cast) -> None:
    register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Old", external_id="A-1")
    made = applied(cast)
    confirmed(cast)
    undone(cast, made)
    assert (mail().removed_at, mail().verification) == (None, "verified")
    assert ada().contact_points.get(kind="sms").removed_at == NOW, "the one that nobody touched goes"
    assert (ada().name, kept()[2]) == ("Old", "addresses")
