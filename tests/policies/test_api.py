"""The policy over the API."""

import pytest

from policies.models import PolicyVersion
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def test_the_version_in_force_is_read_with_its_rules(cast: Cast) -> None:
    found = cast.client("responder").get("/api/v1/policies/active/").json()
    assert (found["number"], found["state"]) == (2, "active")
    assert found["rules"][0]["key"] == "watching-flagged"
    assert found["rules"][-1]["when"] == {}


def test_versions_are_listed_newest_first_and_filtered(cast: Cast) -> None:
    PolicyVersion.objects.create(number=3, state="draft", rules=[], created_by=cast.admin, created_at=NOW)
    client = cast.client("auditor")
    listed = client.get("/api/v1/policies/").json()
    assert set(listed) == {"next", "previous", "results"}
    assert [(row["number"], row["created_by"]) for row in listed["results"]] == [(3, "admin"), (2, None), (1, None)]
    assert [row["number"] for row in client.get("/api/v1/policies/?state=active").json()["results"]] == [2]
    assert client.get("/api/v1/policies/3/").json()["state"] == "draft"


def test_an_unknown_version_is_not_found(cast: Cast) -> None:
    answer = cast.client("auditor").get("/api/v1/policies/99/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/policies/", "/api/v1/policies/1/", "/api/v1/policies/99/", "/api/v1/policies/active/"])
def test_the_outsider_reads_no_policy(cast: Cast, path: str) -> None:
    assert cast.client("outsider").get(path).status_code == 403
