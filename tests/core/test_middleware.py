"""Addresses that no row can match."""

import pytest

from tests.support.cast import Cast


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["templates/%00/", "stakeholders/a%00b/", "audiences/%00/", "components/%00/", "templates/?category=%00", "audiences/?cursor=%00"],
)
def test_an_address_that_holds_nul_is_refused_and_not_a_fault(cast: Cast, path: str) -> None:
    answer = cast.client("comms").get(f"/api/v1/{path}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_a_page_with_nul_in_its_address_is_refused_too(cast: Cast) -> None:
    answer = cast.client("comms").get("/console/stakeholders/?q=%00")
    assert answer.status_code == 400
    assert "text/html" in answer["Content-Type"]
