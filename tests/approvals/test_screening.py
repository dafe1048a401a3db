"""What must not leave the house is refused when review is asked for, and again at the release."""

import pytest

from approvals.queries import release_blockers
from approvals.queries.sending import standing_of
from approvals.services import hold_update, release_update, request_review
from core.errors import Conflict, InvalidInput
from incidents.models import Update
from incidents.services.start_update import VariantInput
from screening.services import activate_rule_set, save_rule_set
from tests.approvals.acts import approve, ask, release
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_incident, make_update

pytestmark = pytest.mark.django_db

LEAK: VariantInput = {"audience": "customers", "title": "Checkout on db-prod-3", "body": "We restarted 10.4.2.17."}


def test_blocking_findings_refuse_the_request_beside_their_fields_with_their_cure(cast: Cast) -> None:
    update = make_update(variants=(LEAK, INTERNAL_WORDS))
    with pytest.raises(InvalidInput) as refused:
        request_review(actor=cast.actor("commander"), now=NOW, update_id=update.pk, revision=1)
    assert refused.value.code == "screening_blocked"
    assert refused.value.fields == {
        "variants.customers.title": ["“db-prod-3”: This looks like the name of a machine. Write “one of our servers” instead."],
        "variants.customers.body": ["“10.4.2.17”: This is the address of a machine. Write “one of our servers” instead."],
    }


def test_the_same_words_for_colleagues_are_no_hindrance(cast: Cast) -> None:
    inside: VariantInput = {"audience": "internal", "title": LEAK["title"], "body": LEAK["body"]}
    update = make_update(variants=(CUSTOMER_WORDS, inside))
    assert request_review(actor=cast.actor("commander"), now=NOW, update_id=update.pk, revision=1).state == "open"


def test_warnings_leave_the_decision_to_people(cast: Cast) -> None:
    warned: VariantInput = {"audience": "customers", "title": "Checkout fails", "body": "This is due to a failed disk."}
    update = make_update(variants=(warned,))
    assert request_review(actor=cast.actor("commander"), now=NOW, update_id=update.pk, revision=1).state == "open"


def approved_about_nightjar(cast: Cast) -> Update:
    words: VariantInput = {"audience": "customers", "title": "Nightjar is slow", "body": "We are on it."}
    update = make_update(incident=make_incident(actor=cast.actor("commander")), actor=cast.actor("commander"), variants=(words,))
    ask(cast, update)
    approve(cast, update)
    update.refresh_from_db()
    return update


def list_nightjar(cast: Cast) -> None:
    listed = {"kind": "codename", "term": "Nightjar", "severity": "block", "message": "", "safer": "our checkout", "audiences": []}
    document = {"terms": [listed], "allow": {"suffixes": [], "ranges": [], "terms": []}}
    draft = save_rule_set(actor=cast.actor("comms"), now=NOW, document=document, base=1)
    activate_rule_set(actor=cast.actor("comms", stepped_up=True), now=NOW, number=draft.number)


def test_words_approved_before_a_term_was_listed_do_not_go_out_after(cast: Cast) -> None:
    update = approved_about_nightjar(cast)
    assert release_blockers(update, NOW) == []
    list_nightjar(cast)
    with pytest.raises(Conflict, match="Nightjar") as refused:
        release_update(actor=cast.actor("commander", stepped_up=True), now=NOW, update_id=update.pk, revision=1)
    assert refused.value.code == "screening_blocked"
    assert any("Write “our checkout” instead." in words for words in release_blockers(update, NOW))


def test_a_term_listed_after_the_release_stops_nothing_by_itself_and_a_person_can(cast: Cast) -> None:
    """What is being sent is not screened again (decision 0034): some have read it, and a person judges what becomes of the rest."""
    done = release(cast, approved_about_nightjar(cast))
    list_nightjar(cast)
    assert standing_of([done.pk], NOW)[done.pk].reason == ""
    hold_update(actor=cast.actor("commander", stepped_up=True), now=NOW, update_id=done.update_of_id, reason="It names Nightjar.")
    assert "It names Nightjar." in standing_of([done.pk], NOW)[done.pk].reason
