"""Reviews, release, register, templates, policy and archive, as people see them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from approvals.models import Release, Review
from approvals.services import give_verdict, request_review
from audit.services import unit_of_work
from incidents.models import Update
from incidents.services.start_update import VariantInput
from templates.models import UpdateTemplate
from tests.support.cast import Cast
from tests.support.factories import make_update

pytestmark = pytest.mark.django_db

CUSTOMERS: VariantInput = {
    "audience": "customers",
    "title": "Some checkouts fail",
    "body": "Some payments by card **fail**. We are looking for the <b>cause</b>.",
}


@pytest.fixture
def update(cast: Cast) -> Update:
    """An update of the commander's, in review."""
    now = timezone.now()
    made = make_update(actor=cast.actor("commander"), now=now, variants=[CUSTOMERS])
    request_review(actor=cast.actor("commander"), now=now, update_id=made.pk, revision=1)
    return made


def approve(cast: Cast, update: Update, name: str, kind: str) -> None:
    now = timezone.now()
    give_verdict(actor=cast.actor(name, stepped_up=True, now=now), now=now, update_id=update.pk, kind=kind, verdict="approve", revision=1)


def post_verdict(client: Client, update: Update, **fields: str) -> Any:
    form = {"kind": "technical", "verdict": "approve", "revision": "1", "comment": ""}
    return client.post(f"/console/updates/{update.public_id}/review/", form | fields, follow=True)


def test_the_queue_shows_what_waits_and_the_review_page_gives_the_verdict(cast: Cast, update: Update) -> None:
    client = cast.client("techlead")
    assert f"/console/updates/{update.public_id}/review/" in client.get("/console/reviews/").content.decode()
    page = client.get(f"/console/updates/{update.public_id}/review/").content.decode()
    assert "We are looking for the" in page
    assert "Approve these words" in page
    post_verdict(client, update)
    assert Review.objects.get().reviewer == cast.techlead


def test_the_other_verdict_shows_only_after_ones_own(cast: Cast, update: Update) -> None:
    approve(cast, update, "techlead", "technical")
    client = cast.client("comms")
    assert "shown after yours" in client.get(f"/console/updates/{update.public_id}/review/").content.decode()
    post_verdict(client, update, kind="communications")
    assert "shown after yours" not in client.get(f"/console/updates/{update.public_id}/review/").content.decode()


def test_changes_need_a_comment_and_the_page_keeps_what_was_typed(cast: Cast, update: Update) -> None:
    long_revision = {"verdict": "request_changes", "comment": "", "revision": "1"}
    assert "Say what to change" in post_verdict(cast.client("techlead"), update, **long_revision).content.decode()
    stale = post_verdict(cast.client("techlead"), update, revision="7", comment="Name the payment methods")
    assert "Name the payment methods" in stale.content.decode()


def test_a_verdict_without_a_fresh_password_asks_for_it_and_keeps_the_comment(cast: Cast, update: Update) -> None:
    client = cast.client("techlead")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= timedelta(minutes=6).total_seconds()
    session.save()
    form = {"kind": "technical", "verdict": "approve", "revision": "1", "comment": "Checked against the graphs"}
    answer = client.post(f"/console/updates/{update.public_id}/review/", form)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not Review.objects.exists()
    assert "Checked against the graphs" in client.get(f"/console/updates/{update.public_id}/review/").content.decode()


def test_the_commander_releases_to_a_number_of_people_and_lands_on_the_progress(cast: Cast, update: Update) -> None:
    approve(cast, update, "techlead", "technical")
    approve(cast, update, "comms", "communications")
    client = cast.client("commander")
    assert "Release to 0 people and the public page" in client.get(f"/console/updates/{update.public_id}/release/").content.decode()
    landed = client.post(f"/console/updates/{update.public_id}/release/", {"revision": "1", "when": "now"}, follow=True)
    release = Release.objects.get()
    assert landed.redirect_chain[-1][0] == f"/console/releases/{release.public_id}/"
    assert client.get(f"/console/releases/{release.public_id}/progress/").status_code == 200


def test_what_is_not_approved_says_why_and_offers_no_button(cast: Cast, update: Update) -> None:
    page = cast.client("commander").get(f"/console/updates/{update.public_id}/release/").content.decode()
    assert "It cannot go yet" in page
    assert "Release to" not in page


def test_a_template_is_edited_into_a_new_version_by_those_who_may(cast: Cast) -> None:
    template = UpdateTemplate.objects.filter(audience_key="customers").first()
    assert template is not None
    client = cast.client("comms")
    client.post(f"/console/templates/{template.public_id}/", {"title": "Clear words", "body": "We look into {{ component_names }}."})
    assert template.versions.order_by("-number")[0].title == "Clear words"
    assert "Save as a new version" not in cast.client("legal").get(f"/console/templates/{template.public_id}/").content.decode()
    refused = client.post(f"/console/templates/{template.public_id}/", {"title": "", "body": "Kept words"})
    assert refused.status_code == 422
    assert "Kept words" in refused.content.decode()


def test_the_policy_page_shows_the_rules_in_words(cast: Cast) -> None:
    page = cast.client("commander").get("/console/policy/").content.decode()
    assert "Customer-facing SEV1" in page
    assert "15 min while investigating" in page


def test_the_archive_is_for_auditors_and_is_filtered_by_subject(cast: Cast) -> None:
    with unit_of_work(actor="user:1", now=timezone.now()) as work:
        work.record("thing.done", subject="thing:1", body={"how": "well"})
        work.record("thing.done", subject="thing:2", body={"how": "badly"})
    page = cast.client("auditor").get("/console/audit/?subject=thing:1").content.decode()
    assert "well" in page
    assert "badly" not in page
    assert cast.client("commander").get("/console/audit/").status_code == 404


def test_stakeholders_are_found_by_name(cast: Cast) -> None:
    assert cast.client("commander").get("/console/stakeholders/?q=nobody-of-that-name").status_code == 200


@pytest.mark.parametrize(
    "path", ["stakeholders/", "audiences/", "templates/", "policy/", "audit/", "updates/{id}/review/", "updates/{id}/release/"]
)
def test_the_outsider_finds_nothing(cast: Cast, update: Update, path: str) -> None:
    answer = cast.client("outsider").get(f"/console/{path.format(id=update.public_id)}")
    missing = cast.client("outsider").get("/console/updates/aaaaaaaaaaaa/review/")
    assert (answer.status_code, missing.status_code) == (404, 404)


def test_the_navigation_shows_only_what_opens(cast: Cast) -> None:
    assert 'href="/console/audit/"' in cast.client("auditor").get("/console/").content.decode()
    assert 'href="/console/audit/"' not in cast.client("commander").get("/console/").content.decode()
    assert 'href="/console/policy/"' not in cast.client("outsider").get("/console/").content.decode()


@pytest.mark.parametrize(
    "form", [{"when": "at", "at": ""}, {"when": "at", "at": "soon"}, {"when": ""}, {"when": "at", "at": "0001-01-01T00:00"}]
)
def test_a_release_at_a_time_without_a_time_is_not_a_release_now(cast: Cast, update: Update, form: dict[str, str]) -> None:
    approve(cast, update, "techlead", "technical")
    approve(cast, update, "comms", "communications")
    cast.commander.time_zone = "Asia/Tokyo"
    cast.commander.save()
    answer = cast.client("commander").post(f"/console/updates/{update.public_id}/release/", {"revision": "1"} | form, follow=True)
    assert answer.status_code == 422
    assert not Release.objects.exists()


def test_nonsense_in_single_fields_is_refused_and_not_a_failure(cast: Cast, update: Update) -> None:
    reviewer = cast.client("techlead")
    path = f"/console/updates/{update.public_id}/review/"
    form = {"kind": "technical", "verdict": "approve", "revision": "1"}
    assert reviewer.post(path, form | {"comment": "a\x00b"}).status_code == 400
    assert reviewer.post(path, form | {"revision": "9" * 5000}).status_code == 302
    assert cast.client("auditor").get("/console/audit/?before=²").status_code == 200
    assert not Review.objects.exists()


def test_the_releaser_reads_the_wording_as_its_readers_will_and_no_html_passes(cast: Cast, update: Update) -> None:
    page = cast.client("commander").get(f"/console/updates/{update.public_id}/release/").content.decode()
    assert "<strong>fail</strong>" in page
    assert "<b>cause</b>" not in page
