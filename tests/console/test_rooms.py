"""The board, the lists and the incident room, as the people of the cast see them."""

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.rules.roles import Permission
from incidents.models import Incident, Update
from incidents.services import grant_access
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident, make_update

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

pytestmark = pytest.mark.django_db

NEW = {
    "title": "Checkout answers with errors",
    "severity": "SEV1",
    "impact": "major",
    "stage": "confirmed",
    "category": "application",
    "customer_facing": "on",
}


def past_the_greeting(client: Client) -> Client:
    """The first page after signing in carries a greeting."""
    client.get("/console/")
    return client


def bare(answer: "_MonkeyPatchedWSGIResponse") -> str:
    """The page without what is drawn anew for each request: nonces and CSRF tokens."""
    return re.sub(r'nonce="[^"]*"|"X-CSRFToken": "[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"', "", text(answer))


def text(answer: "_MonkeyPatchedWSGIResponse") -> str:
    return answer.content.decode()


def test_someone_not_signed_in_is_sent_to_the_sign_in_page(cast: Cast, client: Client) -> None:
    answer = client.get("/console/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_the_board_shows_what_waits_and_what_is_active(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    page = text(cast.client("commander").get("/console/"))
    assert "First update due" in page
    assert reverse("console:room", args=[incident.public_id]) in page
    assert "Inside only" in page


def test_the_board_of_someone_without_a_role_says_why_it_is_empty(cast: Cast) -> None:
    make_incident(title="A secret of ours")
    page = text(cast.client("outsider").get("/console/"))
    assert "hold no role" in page
    assert "A secret of ours" not in page


@pytest.mark.parametrize("name", ["room", "editor", "incident_change", "incident_note", "update_new", "editor_save", "editor_preview"])
def test_the_outsider_finds_nothing_anywhere_else(cast: Cast, name: str) -> None:
    incident = make_incident()
    update = Update.objects.get(incident=incident)
    target = update.public_id if name.startswith("editor") else incident.public_id
    client = past_the_greeting(cast.client("outsider"))
    address, missing = reverse(f"console:{name}", args=[target]), reverse(f"console:{name}", args=["000000000000"])
    send = client.get if name in {"room", "editor"} else client.post
    hidden, absent = send(address), send(missing)
    assert hidden.status_code == absent.status_code == 404
    assert bare(hidden) == bare(absent)


def test_the_outsider_cannot_open_an_incident(cast: Cast) -> None:
    answer = cast.client("outsider").post("/console/incidents/new/", NEW)
    assert answer.status_code == 404
    assert not Incident.objects.exists()


def test_a_restricted_incident_answers_like_a_missing_one_and_is_in_no_list(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"), title="Quiet breach", restricted=True)
    techlead = past_the_greeting(cast.client("techlead"))
    hidden = techlead.get(reverse("console:room", args=[incident.public_id]))
    absent = techlead.get(reverse("console:room", args=["000000000000"]))
    assert (hidden.status_code, bare(hidden)) == (404, bare(absent))
    for address in ("/console/", "/console/incidents/", "/console/search/?q=breach"):
        assert "Quiet breach" not in text(techlead.get(address)), address
    grant_access(actor=cast.actor("commander"), now=NOW, incident=incident, to=cast.techlead)
    assert techlead.get(reverse("console:room", args=[incident.public_id])).status_code == 200


def test_opening_an_incident_leads_to_its_room_with_a_draft_ready(cast: Cast) -> None:
    component = make_component(name="Checkout")
    named = {"components": [component.pk], "commander": str(cast.commander.pk)}
    answer = cast.client("commander").post("/console/incidents/new/", NEW | named)
    incident = Incident.objects.get()
    assert answer["Location"] == reverse("console:room", args=[incident.public_id])
    assert incident.commander == cast.commander
    assert list(incident.components.all()) == [component]
    page = text(cast.client("commander").get(answer["Location"]))
    assert "Updates required" in page
    assert "Edit the draft" in page


def test_a_form_with_an_error_keeps_what_was_typed_and_says_what_to_do(cast: Cast) -> None:
    answer = cast.client("commander").post("/console/incidents/new/", NEW | {"title": "", "impact": "critical"})
    assert answer.status_code == 422
    assert "This field is required" in text(answer)
    assert '<option value="critical" selected>' in text(answer)


def test_a_fact_is_changed_in_its_place_and_says_who_changed_it(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    client = cast.client("techlead")
    address = reverse("console:room", args=[incident.public_id])
    assert 'name="severity"' in text(client.get(f"{address}?change=severity"))
    client.post(reverse("console:incident_change", args=[incident.public_id]), {"fact": "severity", "severity": "SEV1", "version": "1"})
    incident.refresh_from_db()
    assert incident.severity == "SEV1"
    facts = text(client.get(address)).partition('id="facts"')[2].partition("</section>")[0]
    assert facts.count("Techlead") == 1


def test_a_fact_changed_from_an_old_page_is_refused_and_the_choice_is_kept(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    change = reverse("console:incident_change", args=[incident.public_id])
    client = cast.client("techlead")
    client.post(change, {"fact": "impact", "impact": "critical", "version": "1"})
    answer = client.post(change, {"fact": "severity", "severity": "SEV4", "version": "1"})
    assert answer.status_code == 422
    assert "Somebody changed the incident meanwhile" in text(answer)
    assert '<option value="SEV4" selected>' in text(answer)
    incident.refresh_from_db()
    assert incident.severity == "SEV2"


def test_the_status_is_no_fact_to_change_by_hand(cast: Cast) -> None:
    incident = make_incident()
    answer = cast.client("commander").post(
        reverse("console:incident_change", args=[incident.public_id]), {"fact": "status", "status": "resolved"}
    )
    assert answer.status_code == 404
    incident.refresh_from_db()
    assert incident.status == "investigating"


def test_who_may_only_read_sees_the_room_and_changes_nothing(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    client = cast.client("auditor")
    assert Permission.INCIDENT_WRITE not in cast.actor("auditor").permissions
    assert "Change<span" not in text(client.get(reverse("console:room", args=[incident.public_id])))
    answer = client.post(reverse("console:incident_change", args=[incident.public_id]), {"fact": "severity", "severity": "SEV1"})
    assert answer.status_code == 403
    assert "You may not open or change incidents" in text(answer)
    incident.refresh_from_db()
    assert incident.severity == "SEV2"


def test_a_note_stands_in_the_timeline(cast: Cast) -> None:
    incident = make_incident()
    client = cast.client("responder")
    client.post(reverse("console:incident_note", args=[incident.public_id]), {"kind": "milestone", "text": "Cause found"})
    assert "Cause found" in text(client.get(reverse("console:room", args=[incident.public_id])))


def test_an_update_is_started_from_the_room(cast: Cast) -> None:
    incident = make_incident(severity="SEV4", customer_facing=False, stage="watching")
    answer = cast.client("commander").post(reverse("console:update_new", args=[incident.public_id]), {"status": "identified"})
    update = Update.objects.filter(incident=incident).order_by("-id")[0]
    assert answer["Location"] == reverse("console:editor", args=[update.public_id])


def test_filters_stand_in_the_address_and_narrow_the_list(cast: Cast) -> None:
    make_incident(title="Loud one", severity="SEV1")
    make_incident(title="Small one", severity="SEV4")
    client = cast.client("commander")
    page = text(client.get("/console/incidents/?severity=SEV4&status=open"))
    assert "Small one" in page
    assert "Loud one" not in page
    assert "Severity: SEV4" in page
    assert "Loud one" in text(client.get("/console/incidents/?severity=nonsense&before=x"))


def test_search_finds_words_of_titles_of_wording_and_of_components(cast: Cast) -> None:
    incident = make_incident(title="Queue is stuck", components=[make_component(name="Ledger")])
    make_update(incident=incident)
    make_incident(title="Something else")
    client = cast.client("legal")
    for words in ("stuck", "Ledger", "payments fail", incident.public_id):
        page = text(client.get("/console/search/", {"q": words}))
        assert "Queue is stuck" in page, words
        assert "Something else" not in page, words
    assert "Nothing found" in text(client.get("/console/search/?q=zebra"))


def test_a_longer_board_costs_no_more_queries(cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client = cast.client("commander")
    for _ in range(6):
        make_incident(actor=cast.actor("commander"))
    with django_assert_max_num_queries(40):
        client.get("/console/")
