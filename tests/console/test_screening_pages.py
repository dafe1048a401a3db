"""Findings beside the words in editor and review, and the screening's settings."""

import pytest

from approvals.services import request_review
from console.queries.findings import findings_by_audience, marked_html
from incidents.models import Update
from incidents.services.start_update import VariantInput
from screening.models import RuleSetVersion
from screening.queries import active_rule_set
from tests.support.cast import NOW, Cast
from tests.support.factories import INTERNAL_WORDS, make_incident, make_update

pytestmark = pytest.mark.django_db

LEAK: VariantInput = {"audience": "customers", "title": "Checkout", "body": "Failover of **db-prod-3** done, due to a failed disk."}
PAGE = "/console/screening/"

WARNED: VariantInput = {"audience": "customers", "title": "Checkout", "body": "It failed due to a [broken](https://example.com) disk."}


@pytest.fixture
def update(cast: Cast) -> Update:
    return make_update(
        incident=make_incident(actor=cast.actor("commander")), actor=cast.actor("commander"), variants=(LEAK, INTERNAL_WORDS)
    )


def form_of(update: Update, **typed: str) -> dict[str, str]:
    return {
        "base_revision": str(update.current.number if update.current else 0),
        "unlocked": "",
        "status": "investigating",
        "impact": "major",
        "next_update_minutes": "30",
        "schedule_mode": "by_hand",
        "channels": "email",
        "send-customers": "on",
        "title-customers": "Checkout",
        "body-customers": "",
    } | typed


def test_the_editor_lists_findings_beside_the_field_without_any_script(cast: Cast, update: Update) -> None:
    page = cast.client("commander").get(f"/console/updates/{update.public_id}/edit/").content.decode()
    assert "1 passage must change before review can be asked for." in page
    assert 'data-finding="id_body-customers" data-start="14" data-end="23" data-level="block"' in page
    assert "This looks like the name of a machine." in page
    assert "Names a cause, but no cause is recorded as confirmed." in page
    assert page.count('data-finding="id_body-internal"') == 0


def test_the_preview_brings_every_list_up_to_date(cast: Cast, update: Update) -> None:
    client = cast.client("commander")
    address = f"/console/updates/{update.public_id}/preview/"
    typed = client.post(address, form_of(update, **{"body-customers": "On 10.4.2.17\r\nand 10.4.2.18"})).content.decode()
    assert 'id="findings-customers" data-findings hx-swap-oob="true"' in typed
    # The second line's passage is counted as the browser counts: one character for the line's end.
    assert 'data-start="17" data-end="26"' in typed
    clean = client.post(address, form_of(update, **{"body-customers": "All is well."})).content.decode()
    assert 'id="findings-customers" data-findings hx-swap-oob="true"' in clean
    assert "data-finding=" not in clean


def test_asking_for_review_is_refused_beside_the_field_and_keeps_what_was_typed(cast: Cast, update: Update) -> None:
    typed = form_of(update, act="ask", **{"body-customers": "Failover of db-prod-4 done"})
    answer = cast.client("commander").post(f"/console/updates/{update.public_id}/edit/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“db-prod-4”: This looks like the name of a machine. Write “one of our servers” instead." in page
    assert "Failover of db-prod-4 done" in page
    update.refresh_from_db()
    assert update.state == "draft"


def test_the_review_shows_findings_with_their_reasons_and_marks_the_passage(cast: Cast) -> None:
    update = make_update(incident=make_incident(actor=cast.actor("commander")), actor=cast.actor("commander"), variants=(WARNED,))
    request_review(actor=cast.actor("commander"), now=NOW, update_id=update.pk, revision=1)
    page = cast.client("comms").get(f"/console/updates/{update.public_id}/review/").content.decode()
    assert "Names a cause, but no cause is recorded as confirmed." in page
    assert "A cause that turns out wrong costs more trust than a cause not yet named." in page
    assert '<mark class="passage passage-warn">due to</mark>' in page


def test_marks_never_break_the_rendered_words(update: Update) -> None:
    assert update.current is not None
    found = findings_by_audience(update.current.parsed())["customers"]
    html = marked_html(LEAK["body"], [shown.finding for shown in found.findings])
    assert '<strong><mark class="passage">db-prod-3</mark></strong>' in html
    assert marked_html("<b>x</b> \ue000 \ue003", []) == "<p>&lt;b&gt;x&lt;/b&gt; \ufffd \ufffd</p>\n"


def rows(**typed: str) -> dict[str, str]:
    return {"act": "save", "version": "1", "allow-suffixes": "", "allow-ranges": "", "allow-terms": "", "note": ""} | typed


TERM = {"term-new-term": "Nightjar", "term-new-kind": "codename", "term-new-severity": "block", "term-new-safer": "our checkout"}


def test_terms_are_written_without_any_script_and_activated_with_a_fresh_password(cast: Cast) -> None:
    client = cast.client("comms")
    saved = client.post(PAGE, rows(**TERM, **{"allow-ranges": "203.0.113.0/24\r\n10.7.0.0/16", "note": "Nightjar"}), follow=True)
    assert "Saved as draft 2. It checks nothing until it is activated." in saved.content.decode()
    draft = RuleSetVersion.objects.get(number=2)
    assert draft.document["allow"]["ranges"] == ["203.0.113.0/24", "10.7.0.0/16"]
    assert [term["term"] for term in draft.document["terms"]] == ["Nightjar"]
    active = client.post(PAGE, {"act": "activate", "version": "2"}, follow=True).content.decode()
    assert "Version 2 is in force" in active
    assert active_rule_set().number == 2


def test_a_term_is_changed_and_removed_in_its_row(cast: Cast) -> None:
    client = cast.client("comms")
    client.post(PAGE, rows(**TERM))
    client.post(PAGE, rows(version="2", **{"term-0-term": "Kestrel", "term-0-kind": "codename", "term-0-severity": "warn"}))
    (term,) = RuleSetVersion.objects.get(number=2).document["terms"]
    assert (term["term"], term["severity"]) == ("Kestrel", "warn")
    client.post(PAGE, rows(version="2", **{"term-0-term": " "}))
    assert RuleSetVersion.objects.get(number=2).document["terms"] == []


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(cast: Cast) -> None:
    answer = cast.client("comms").post(PAGE, rows(**{**TERM, "term-new-audiences": "nobody-here"}, **{"allow-ranges": "10.0.0.0/99"}))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "none means every audience outside" in page
    assert "Give an address or a range in CIDR form" in page
    assert "Nightjar" in page
    assert "nobody-here" in page
    assert RuleSetVersion.objects.count() == 1


def test_an_older_form_does_not_overwrite_a_newer_draft(cast: Cast) -> None:
    cast.client("comms").post(PAGE, rows(**TERM))
    answer = cast.client("legal").post(PAGE, rows(**{**TERM, "term-new-term": "Kestrel"}))
    assert answer.status_code == 412
    assert "Version 2 is the newest" in answer.content.decode()


def test_a_draft_is_thrown_away(cast: Cast) -> None:
    client = cast.client("comms")
    client.post(PAGE, rows(**TERM))
    assert "Draft 2 is thrown away" in client.post(PAGE, {"act": "discard", "version": "2"}, follow=True).content.decode()
    assert RuleSetVersion.objects.count() == 1


def test_the_tester_marks_what_it_finds_and_stores_nothing(cast: Cast) -> None:
    client = cast.client("responder")
    page = client.post(f"{PAGE}test/", {"words": "Failover of db-prod-3 <done>", "audience": "customers"}).content.decode()
    assert '<mark class="passage">db-prod-3</mark>' in page
    assert "&lt;done&gt;" in page
    inside = client.post(f"{PAGE}test/", {"words": "Failover of db-prod-3", "audience": "internal"}).content.decode()
    assert "These words may go out as they are." in inside
    long = client.post(f"{PAGE}test/", {"words": "x" * 20_001}).content.decode()
    assert "At most 20,000 characters, as in an update." in long


@pytest.mark.parametrize("name", ["commander", "auditor"])
def test_who_only_reads_sees_the_rules_and_changes_nothing(cast: Cast, name: str) -> None:
    client = cast.client(name)
    page = client.get(PAGE).content.decode()
    assert "Save as a draft" not in page
    assert client.post(PAGE, rows(**TERM)).status_code == 403
    assert RuleSetVersion.objects.count() == 1


def test_the_outsider_sees_no_such_page(cast: Cast) -> None:
    client = cast.client("outsider")
    for address in (PAGE, f"{PAGE}test/"):
        assert client.get(address).status_code == 404
        assert client.post(address, rows(**TERM)).status_code == 404
