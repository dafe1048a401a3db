"""What is prepared when a promise rings is for those who wait for it; who holds reminders back holds back the incident's."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from core import events
from core.clock import utc_now
from core.errors import Conflict
from incidents.events import PromiseReminder
from incidents.models import Incident, Snooze, Update
from incidents.queries import open_promises
from incidents.rules.content import Content
from incidents.rules.content_edit import ContentEdit
from incidents.services import change_incident, claim_due_steps, snooze_promise, start_update
from incidents.services.nothing_new import prepare_nothing_new
from statuscomms import wiring
from tests.incidents.conftest import Api
from tests.incidents.test_released import LATER, released
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_incident, make_update
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
NEWER = LATER + 5 * MINUTE
STILL = "We are still working on this. There is nothing new to report since {} UTC. We will write again within 15 minutes."


@pytest.fixture
def told() -> Iterator[list[PromiseReminder]]:
    heard: list[PromiseReminder] = []
    events.clear()
    events.register(PromiseReminder, in_transaction=[heard.append])
    yield heard
    wiring.connect()


def opened() -> Incident:
    """Without the draft that it opened with."""
    incident = make_incident()
    incident.updates.all().update(state="withdrawn")
    return incident


def words_of(update: Update | None) -> Content:
    assert update is not None
    current = Update.objects.select_related("current").get(pk=update.pk).current
    assert current is not None
    return current.parsed()


def prepared(incident: Incident, waiting: str, at: int = 25) -> Update | None:
    """What is prepared when the promise rings that this audience waits for."""
    (promise,) = open_promises(incident).filter(untold__contains=[waiting])
    incident.refresh_from_db()
    return prepare_nothing_new(incident, promise, now=NOW + at * MINUTE)


# The draft that is prepared.


def test_it_is_for_those_who_wait_for_the_promise_that_rings(cast: Cast) -> None:
    incident = opened()
    released(cast, make_update(incident=incident))
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]), NEWER)
    assert claim_due_steps(now=LATER + 11 * MINUTE) == 1
    content = words_of(incident.updates.get(state="draft"))
    assert content.audiences == ("customers",)
    assert content.wording["customers"]["en"].title == CUSTOMER_WORDS["title"]
    # Colleagues read something newer; for customers nothing is new since theirs.
    assert content.wording["customers"]["en"].body == STILL.format("14:10")


def test_a_draft_for_others_keeps_nobody_from_theirs(cast: Cast) -> None:
    incident = opened()
    released(cast, make_update(incident=incident))
    inside = make_update(incident=incident, variants=[INTERNAL_WORDS])
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]), NEWER)
    assert words_of(prepared(incident, "customers")).audiences == ("customers",)
    assert prepared(incident, "customers") is None
    assert prepared(incident, "internal") is None
    Update.objects.filter(pk=inside.pk).update(state="withdrawn")
    assert words_of(prepared(incident, "internal")).audiences == ("internal",)


def test_each_audience_reads_its_own_last_headline_and_the_authors_of_all_of_them_count(cast: Cast) -> None:
    incident = opened()
    promise = incident.promises.get()
    for who, words, at in (("techlead", CUSTOMER_WORDS, LATER), ("responder", INTERNAL_WORDS, NEWER)):
        released(cast, make_update(incident=incident, actor=cast.actor(who), variants=[words]), at)
    # As of a promise of before, that nobody was named in: it is for whom the policy means.
    promise.audiences = promise.untold = []
    made = prepare_nothing_new(Incident.objects.get(pk=incident.pk), promise, now=NEWER)
    assert made is not None
    assert {cast.techlead.pk, cast.responder.pk} <= {one.user_id for one in made.contributors.all()}
    wording = {key: by["en"] for key, by in words_of(made).wording.items()}
    assert {key: words.title for key, words in wording.items()} == {
        "customers": CUSTOMER_WORDS["title"],
        "internal": INTERNAL_WORDS["title"],
    }
    assert {key: words.body for key, words in wording.items()} == {"customers": STILL.format("14:10"), "internal": STILL.format("14:15")}


def test_who_has_read_nothing_gets_the_words_of_the_template(cast: Cast) -> None:
    incident = opened()
    first = words_of(incident.updates.get())
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    content = words_of(prepared(incident, "customers", at=11))
    assert content.wording == {"customers": first.wording["customers"]}


def test_whoever_wrote_the_title_counts_where_a_template_shows_it(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("techlead"))
    incident.updates.all().update(state="withdrawn")
    released(cast, make_update(incident=incident, variants=[CUSTOMER_WORDS]))
    made = prepared(incident, "internal", at=11)
    assert words_of(made).audiences == ("internal",)
    assert made is not None
    assert [one.user for one in made.contributors.all()] == [cast.techlead]


def test_words_that_were_taken_back_are_not_said_again(cast: Cast) -> None:
    incident = opened()
    released(cast, make_update(incident=incident))
    wrong = released(cast, make_update(incident=incident, variants=[{**CUSTOMER_WORDS, "title": "All data is lost"}]), LATER + MINUTE)
    back = start_update(
        actor=cast.actor("comms"),
        now=NEWER,
        incident=incident,
        status="investigating",
        kind="retraction",
        corrects=wrong,
        variants=[{**CUSTOMER_WORDS, "title": "No data is lost"}],
        edit=ContentEdit(next_update_minutes=None),
    )
    released(cast, back, NEWER)
    words = words_of(prepared(incident, "customers")).wording["customers"]["en"]
    assert (words.title, words.body) == (CUSTOMER_WORDS["title"], STILL.format("14:10"))


def test_nothing_is_prepared_for_who_may_not_be_told(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    incident.updates.all().update(state="withdrawn")
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, restricted=True)
    assert words_of(prepared(incident, "customers", at=11)).audiences == ("internal",)


# Holding the reminders back.


def two_promises(cast: Cast) -> Incident:
    incident = make_incident()
    released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS], edit=ContentEdit(next_update_minutes=20)))
    assert [promise.untold for promise in open_promises(incident)] == [["customers"], ["internal"]]
    return incident


def hold_back(cast: Cast, incident: Incident, minutes: int = 60) -> Snooze:
    return snooze_promise(
        actor=cast.actor("comms"), now=NOW + 11 * MINUTE, incident=incident, minutes=minutes, reason="Words are being translated."
    )


def test_who_snoozes_holds_back_every_promise_of_the_incident(cast: Cast, told: list[PromiseReminder]) -> None:
    incident, other = two_promises(cast), make_incident()
    returned = hold_back(cast, incident)
    first = open_promises(incident)[0]
    assert returned.promise == first
    rows = Snooze.objects.all()
    assert {row.promise for row in rows} == set(open_promises(incident))
    assert len({(row.until, row.reason, row.by, row.at) for row in rows}) == 1
    assert audit_types(f"incident:{incident.public_id}").count("promise.snoozed") == 1
    assert incident.timeline.filter(kind="snoozed").count() == 1
    claim_due_steps(now=NOW + 70 * MINUTE)
    assert {event.incident_id for event in told} == {other.pk}
    for _ in range(2):
        claim_due_steps(now=NOW + 71 * MINUTE)
    assert sorted(event.promise_id for event in told if event.incident_id == incident.pk) == sorted(
        promise.pk for promise in open_promises(incident)
    )


def test_a_promise_that_stands_by_is_not_held_back(cast: Cast) -> None:
    incident = two_promises(cast)
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, restricted=True)
    incident.refresh_from_db()
    held = snooze_promise(actor=cast.actor("commander"), now=NOW, incident=incident, minutes=5, reason="x")
    assert [row.promise.untold for row in Snooze.objects.all()] == [held.promise.untold] == [["internal"]]
    open_promises(incident).filter(untold=["internal"]).update(untold=[], outcome="withdrawn", closed_at=NOW)
    with pytest.raises(Conflict, match="may not be told") as refused:
        snooze_promise(actor=cast.actor("commander"), now=NOW, incident=incident, minutes=5, reason="x")
    assert refused.value.code == "stands_by"


def test_the_api_answers_with_the_one_due_first_and_lists_them_all(cast: Cast, api: Api) -> None:
    incident = two_promises(cast)
    client: APIClient = api("comms")
    address = f"/api/v1/incidents/{incident.public_id}/snoozes/"
    answer = client.post(address, {"minutes": 5, "reason": "Words are being translated."}, format="json")
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "by", "until", "reason", "at"}
    listed = client.get(address).json()["results"]
    assert len(listed) == 2
    assert answer.json() in listed
    assert api("outsider").post(address, {"minutes": 5, "reason": "x"}, format="json").status_code == 404
    assert Snooze.objects.filter(until__gt=utc_now()).count() == 2
