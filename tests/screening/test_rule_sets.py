"""The organisation's own terms and allowances: written, put in force, kept."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit.queries import entries
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from incidents.rules.content import Wording
from screening.models import RuleSetVersion
from screening.queries import active_rule_set, findings_for
from screening.rules.rule_set import EMPTY
from screening.services import activate_rule_set, discard_draft, save_rule_set
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def term(word: str = "Nightjar", **parts: Any) -> dict[str, Any]:
    return {"kind": "codename", "term": word, "severity": "block", "message": "", "safer": "our new checkout", "audiences": []} | parts


def document(*terms: dict[str, Any], **allow: list[str]) -> dict[str, Any]:
    return {"terms": list(terms), "allow": EMPTY["allow"] | allow}


def in_force(cast: Cast, written: dict[str, Any]) -> RuleSetVersion:
    """A version with this document, saved and activated by the communications reviewer."""
    draft = save_rule_set(actor=cast.actor("comms"), now=NOW, document=written, base=active_rule_set().number)
    return activate_rule_set(actor=cast.actor("comms", stepped_up=True), now=NOW, number=draft.number)


def rules_found(body: str, audience: str = "customers") -> list[str]:
    return [one.finding.rule for one in findings_for({audience: {"en": Wording("Checkout", body)}})]


def test_a_saved_term_says_nothing_until_its_version_is_activated(cast: Cast) -> None:
    draft = save_rule_set(actor=cast.actor("comms"), now=NOW, document=document(term()), base=1)
    assert (draft.number, draft.state) == (2, "draft")
    assert rules_found("Nightjar is slow") == []
    activate_rule_set(actor=cast.actor("comms", stepped_up=True), now=NOW, number=2)
    assert rules_found("NIGHTJAR is slow, the nightjars are not") == ["own.codename"]
    assert RuleSetVersion.objects.get(number=1).state == "retired"


def test_saving_again_changes_the_draft_and_every_state_is_in_the_log_without_its_words(cast: Cast) -> None:
    save_rule_set(actor=cast.actor("comms"), now=NOW, document=document(term()), base=1)
    again = save_rule_set(actor=cast.actor("legal"), now=NOW, document=document(term("Kestrel")), base=2, note="Renamed")
    assert again.number == 2
    save_rule_set(actor=cast.actor("legal"), now=NOW, document=document(term("Kestrel")), base=2, note="Renamed")
    log = [entry for entry in entries() if entry.type == "screening.rule_set_saved"]
    assert len(log) == 2
    assert not any(b"Kestrel" in bytes(entry.body) or b"Nightjar" in bytes(entry.body) for entry in log)


def test_two_people_cannot_overwrite_each_other(cast: Cast) -> None:
    save_rule_set(actor=cast.actor("comms"), now=NOW, document=document(term()), base=1)
    with pytest.raises(StaleRevision, match="Version 2 is the newest"):
        save_rule_set(actor=cast.actor("legal"), now=NOW, document=document(term("Kestrel")), base=1)


def test_a_draft_can_be_thrown_away(cast: Cast) -> None:
    save_rule_set(actor=cast.actor("comms"), now=NOW, document=document(term()), base=1)
    discard_draft(actor=cast.actor("comms"), now=NOW, number=2)
    assert RuleSetVersion.objects.count() == 1
    with pytest.raises(NotFound):
        discard_draft(actor=cast.actor("comms"), now=NOW, number=1)


@pytest.mark.parametrize("name", ["outsider", "commander", "techlead", "auditor"])
def test_only_who_may_write_rules_writes_and_activates_them(cast: Cast, name: str) -> None:
    save_rule_set(actor=cast.actor("comms"), now=NOW, document=document(term()), base=1)
    with pytest.raises(Forbidden):
        save_rule_set(actor=cast.actor(name), now=NOW, document=document(), base=2)
    with pytest.raises(Forbidden):
        discard_draft(actor=cast.actor(name), now=NOW, number=2)
    with pytest.raises(Forbidden):
        activate_rule_set(actor=cast.actor(name, stepped_up=True), now=NOW, number=2)


def test_activating_takes_a_fresh_password_and_a_draft(cast: Cast) -> None:
    save_rule_set(actor=cast.actor("comms"), now=NOW, document=document(term()), base=1)
    with pytest.raises(StepUpRequired):
        activate_rule_set(actor=cast.actor("comms"), now=NOW, number=2)
    with pytest.raises(Conflict, match="no draft"):
        activate_rule_set(actor=cast.actor("comms", stepped_up=True), now=NOW, number=1)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ({"terms": []}, "document"),
        (document(term(kind="bird")), "terms.1.kind"),
        (document(term(severity="fatal")), "terms.1.severity"),
        (document(term("")), "terms.1.term"),
        (document(term("...")), "terms.1.term"),
        (document(term("x" * 101)), "terms.1.term"),
        (document(term("not a suffix!", kind="host_suffix")), "terms.1.term"),
        (document(term(), term()), "terms.2.term"),
        (document(term(audiences=["nobody"])), "terms.1.audiences"),
        (document(term(safer="x" * 301)), "terms.1.safer"),
        (document({"term": "Nightjar"}), "terms.1"),
        (document(ranges=["10.0.0.0/33"]), "allow.ranges"),
        (document(ranges=["0.0.0.0/0"]), "allow.ranges"),
        (document(suffixes=["-"]), "allow.suffixes"),
        (document(terms=[""]), "allow.terms"),
        ({"terms": "Nightjar", "allow": {}}, "allow"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_cure(cast: Cast, written: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save_rule_set(actor=cast.actor("comms"), now=NOW, document=written, base=1)
    assert place in refused.value.fields


def test_a_term_without_audiences_concerns_every_audience_outside(cast: Cast) -> None:
    in_force(cast, document(term()))
    assert rules_found("Nightjar", "customers") == ["own.codename"]
    assert rules_found("Nightjar", "internal") == []


def test_a_term_with_audiences_concerns_exactly_those(cast: Cast) -> None:
    in_force(cast, document(term(audiences=["internal"])))
    assert rules_found("Nightjar", "customers") == []
    assert rules_found("Nightjar", "internal") == ["own.codename"]


def test_a_term_is_found_in_any_case_spacing_accent_and_disguise(cast: Cast) -> None:
    in_force(cast, document(term("Café Zürich 2", kind="customer")))
    for words in ("café  zürich 2", "CAFE ZURICH 2", "Cafe\u0301 Zu\u200brich\n2", "Саfé Zürich ２"):
        assert rules_found(f"At {words} all is well") == ["own.customer"], words
    assert rules_found("Café Zürich 20 and Café-Zürich") == []


def test_a_host_suffix_is_matched_by_whole_labels(cast: Cast) -> None:
    in_force(cast, document(term("prod.example.net", kind="host_suffix")))
    assert rules_found("On edge7.prod.example.net") == ["own.host_suffix"]
    assert rules_found("On prod.example.net and notprod.example.net and prod.example.net.org") == []


def test_what_is_allowed_is_not_found(cast: Cast) -> None:
    in_force(cast, document(suffixes=["status.corp"], ranges=["10.7.0.0/16"], terms=["due to planned maintenance", "db-prod-1"]))
    assert rules_found("See www.status.corp, 10.7.3.4, db-prod-1 — due to planned maintenance") == []
    assert rules_found("See www.other.corp, 10.8.3.4, db-prod-2 — due to maintenance") == [
        "host.suffix",
        "address.ip",
        "host.pattern",
        "speculation.cause",
    ]


def test_a_secret_is_never_allowed(cast: Cast) -> None:
    key = "AKIA" + "Q3EGRV7ZP2MXK4TN"
    in_force(cast, document(terms=[key]))
    assert rules_found(f"The key {key}") == ["token.aws_access_key"]


def test_an_audience_that_is_not_there_counts_as_outside() -> None:
    assert rules_found("On db-prod-1", "nobody") == ["host.pattern"]


def test_without_a_version_in_force_nothing_is_waved_through() -> None:
    RuleSetVersion.objects.filter(state="active").update(state="retired")
    with pytest.raises(Conflict, match="Activate a version"):
        rules_found("On db-prod-1")


def draft(number: int = 2) -> RuleSetVersion:
    return RuleSetVersion.objects.create(number=number, state="draft", document=EMPTY, created_at=NOW)


@pytest.mark.parametrize("change", [{"document": {}}, {"number": 9}, {"state": "draft"}])
def test_the_version_in_force_cannot_be_rewritten(change: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="kept as it was"), transaction.atomic():
        RuleSetVersion.objects.filter(state="active").update(**change)


def test_the_version_in_force_cannot_be_deleted() -> None:
    with pytest.raises(DatabaseError, match="kept as it was"), transaction.atomic():
        active_rule_set().delete()


def test_a_retired_version_stays_retired() -> None:
    RuleSetVersion.objects.filter(state="active").update(state="retired")
    with pytest.raises(DatabaseError, match="kept as it was"), transaction.atomic():
        RuleSetVersion.objects.filter(number=1).update(state="active")


def test_two_versions_are_never_in_force_nor_drafts_at_once() -> None:
    with pytest.raises(IntegrityError, match="screening_one_active"), transaction.atomic():
        RuleSetVersion.objects.filter(pk=draft().pk).update(state="active")
    draft(3)
    with pytest.raises(IntegrityError, match="screening_one_draft"), transaction.atomic():
        draft(4)


def test_a_state_is_one_of_three() -> None:
    with pytest.raises(IntegrityError, match="screening_state_known"), transaction.atomic():
        RuleSetVersion.objects.create(number=2, state="other", document=EMPTY, created_at=NOW)
