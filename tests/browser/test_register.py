"""The register in a real browser: the list follows what is typed, and its forms are accessible where somebody may write."""

import pytest
from playwright.sync_api import expect

from core.clock import utc_now
from stakeholders.models import RegisterImport
from stakeholders.services import register_stakeholder, start_check, work_off_imports
from tests.browser.conftest import SignIn
from tests.browser.test_every_page import LOOKS, flaws
from tests.support.cast import Cast
from tests.support.lists import imported

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_list_follows_what_is_typed_and_the_keyboard_opens_an_entry(sign_in: SignIn, cast: Cast) -> None:
    for name in ("Ada Lovelace", "Grace Hopper"):
        register_stakeholder(actor=cast.actor("comms"), now=utc_now(), kind="customer", name=name, email=f"{name.split()[0]}@example.com")
    page = sign_in("comms")
    page.goto("/console/stakeholders/")
    page.get_by_label("Name, external id or address").type("lovel")
    expect(page.get_by_role("link", name="Grace Hopper")).to_have_count(0)
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_what_a_writer_sees_is_accessible_and_fits(sign_in: SignIn, cast: Cast, width: int, theme: str) -> None:
    points = [("sms", "+4930901820"), ("slack", "https://hooks.slack.com/services/T/B/secretXYZ1")]
    entry = register_stakeholder(actor=cast.actor("comms"), now=utc_now(), kind="person", name="Tess", contact_points=points)
    waiting, compared = imported(cast), imported(cast)
    options = {"kind": "", "country": "", "audiences": [], "consent": False, "confirm": False}
    start_check(actor=cast.actor("comms"), now=utc_now(), taken=compared, mapping=compared.mapping, options=options)
    work_off_imports(now=utc_now(), seconds=30)
    assert RegisterImport.objects.get(pk=compared.pk).state == "checked"
    page = sign_in("comms", width=width, theme=theme)
    found: list[str] = []
    for address in (
        "new/",
        f"{entry.public_id}/",
        "addresses/",
        "imports/",
        f"imports/{waiting.public_id}/",
        f"imports/{compared.public_id}/",
    ):
        page.goto(f"/console/stakeholders/{address}")
        found += flaws(page, address, f"{width}-{theme}")
    assert found == []
