"""An incident's end is told to whoever waits for it, once, changes nothing when it comes late, and never hangs on who may not be told."""

import pytest

from approvals.queries import release_blockers
from approvals.services import start_correction
from core.errors import InvalidInput
from incidents.models import Incident, PromiseStep, Update
from incidents.queries import open_promises
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.services import claim_due_steps, revise_update
from tests.approvals.acts import ask, number, release
from tests.incidents.test_released import LATER, released
from tests.incidents.test_who_was_told import AFTER, MINUTE, promised
from tests.support.cast import Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_incident, make_update
from tests.support.releases import reviewed

pytestmark = pytest.mark.django_db


def ending(cast: Cast, wrong: Update, kind: str = "correction", **more: object) -> Update:
    """What puts `wrong` right and says that the incident is resolved."""
    draft = start_correction(actor=cast.actor("commander"), now=AFTER, update_id=wrong.pk, kind=kind)
    assert draft.current is not None
    content = ContentEdit(status="resolved", **more).apply(draft.current.parsed())  # type: ignore[arg-type]
    revise_update(actor=cast.actor("commander"), now=AFTER, update_id=draft.pk, base_revision=number(draft), content=content)
    return Update.objects.get(pk=draft.pk)


def rung(incident: Incident) -> list[str]:
    """The steps that were told."""
    return [step.step for step in PromiseStep.objects.filter(promise__incident=incident, fired_at__isnull=False)]


# What puts something right, and says that it is over.


def test_a_retraction_that_says_it_is_over_leaves_no_promise_ringing(cast: Cast) -> None:
    incident = make_incident()
    first = released(cast, make_update(incident=incident, edit=ContentEdit(next_update_minutes=60)))
    said = ending(cast, first, "retraction")
    release(cast, reviewed(cast, said, AFTER), now=AFTER)
    incident.refresh_from_db()
    assert (incident.status, list(open_promises(incident))) == ("resolved", [])
    made = incident.promises.get(made_by=first)
    assert (made.outcome, made.kept_by, made.untold) == ("kept", said, [])
    assert claim_due_steps(now=LATER + 90 * MINUTE) == 0


def test_a_correction_to_colleagues_does_not_end_the_incident_over_customers_heads(cast: Cast) -> None:
    incident = promised(cast, 60)
    inside = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]), LATER + MINUTE)
    with pytest.raises(InvalidInput) as refused:
        ask(cast, ending(cast, inside), now=AFTER)
    assert "Customers would never hear of it" in " ".join(refused.value.fields["audiences"])


def test_a_correction_widened_on_the_page_alone_tells_nobody_more_that_it_is_over(cast: Cast) -> None:
    incident = promised(cast, 60)
    inside = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]), LATER + MINUTE)
    both = tuple(Variant(audience, "It is over", "All is well.") for audience in ("customers", "internal"))
    with pytest.raises(InvalidInput) as refused:
        ask(cast, ending(cast, inside, variants=both), now=AFTER)
    assert "an update tells the end" in " ".join(refused.value.fields["audiences"])


def test_an_approved_correction_does_not_end_what_customers_were_told_of_meanwhile(cast: Cast) -> None:
    incident = make_incident()
    inside = released(cast, make_update(incident=incident, variants=[INTERNAL_WORDS]))
    said = reviewed(cast, ending(cast, inside), AFTER)
    assert release_blockers(said, AFTER) == []
    released(cast, make_update(incident=incident, variants=[CUSTOMER_WORDS]), AFTER)
    assert [words for words in release_blockers(Update.objects.get(pk=said.pk), AFTER) if "never hear" in words]
