"""Claims, comments on a passage, drills, and legal's place in a round."""

from datetime import datetime

import pytest

from accounts.models import RoleAssignment, TrainingRecord
from accounts.rules.training import Source
from approvals.models import Override, PassageComment, ReviewRound, SlotClaim
from approvals.queries import release_reasons
from approvals.queries.waiting import slot_states
from approvals.services import claim_slot, comment_on_passage, give_up_claim
from core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, StaleRevision
from incidents.models import Incident, Update
from incidents.services import start_update
from stakeholders.models import Audience
from tests.approvals.acts import approve, approved, ask, draft, edit, number, release, say, state
from tests.approvals.disputing import LATER, override
from tests.approvals.test_constraints import Refusal, release_row, sql
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, make_incident
from tests.support.log import audit_types
from tests.support.roster import untrained

pytestmark = pytest.mark.django_db


def claim(cast: Cast, update: Update, name: str, kind: str = "technical") -> SlotClaim:
    return claim_slot(actor=cast.actor(name), now=NOW, update_id=update.pk, kind=kind)


def claimed_by(update: Update) -> list[str]:
    round_ = ReviewRound.objects.filter(update_of=update).latest("pk")
    return [one.claim.user.username for one in slot_states(round_, at=NOW) if one.claim]


def test_a_claim_shows_to_others_and_the_newest_takes_over(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    claim(cast, update, "techlead")
    claim(cast, update, "techlead")
    assert claimed_by(update) == ["techlead"]
    claim(cast, update, "techlead2")
    assert claimed_by(update) == ["techlead2"]
    give_up_claim(actor=cast.actor("techlead"), now=NOW, update_id=update.pk, kind="technical")
    assert claimed_by(update) == ["techlead2"]
    give_up_claim(actor=cast.actor("techlead2"), now=NOW, update_id=update.pk, kind="technical")
    assert claimed_by(update) == []


def test_a_claim_binds_nobody_and_ends_with_the_verdict(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    claim(cast, update, "techlead2")
    say(cast, update, "technical")
    assert claimed_by(update) == []


@pytest.mark.parametrize(("name", "error"), [("commander", Forbidden), ("comms", Forbidden), ("outsider", NotFound)])
def test_who_may_not_review_may_not_claim(cast: Cast, name: str, error: type[DomainError]) -> None:
    update = draft(cast)
    ask(cast, update)
    with pytest.raises(error):
        claim(cast, update, name)


def test_a_slot_has_one_claim(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    one = claim(cast, update, "techlead")
    with Refusal("approvals_one_claim"):
        SlotClaim.objects.create(slot=one.slot, user=cast.techlead2, claimed_at=NOW)


def remark(cast: Cast, update: Update, name: str = "comms", **other: str) -> PassageComment:
    given = {"audience": "customers", "language": "en", "field": "body", "quote": CUSTOMER_WORDS["body"][:10], "text": "Say since when."}
    return comment_on_passage(actor=cast.actor(name), now=NOW, update_id=update.pk, revision=number(update), **given | other)  # type: ignore[arg-type]  # strings all


def test_a_comment_stands_beside_its_passage_and_makes_nobody_an_author(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    made = remark(cast, update)
    assert CUSTOMER_WORDS["body"][made.start : made.end] == made.quote
    assert "review.commented" in audit_types(f"update:{update.public_id}")
    say(cast, update, "communications")


@pytest.mark.parametrize(
    ("other", "field"),
    [({"quote": "not there"}, "quote"), ({"text": " "}, "text"), ({"audience": "nobody"}, "audience"), ({"field": "footer"}, "audience")],
)
def test_a_comment_that_names_no_passage_is_refused_beside_its_field(cast: Cast, other: dict[str, str], field: str) -> None:
    update = draft(cast)
    ask(cast, update)
    with pytest.raises(InvalidInput) as refusal:
        remark(cast, update, **other)
    assert list(refusal.value.fields) == [field]


def test_bystanders_do_not_comment_and_a_draft_has_no_comments(cast: Cast) -> None:
    update = draft(cast)
    with pytest.raises(Conflict):
        remark(cast, update)
    ask(cast, update)
    with pytest.raises(Forbidden):
        remark(cast, update, "auditor")
    with pytest.raises(NotFound):
        remark(cast, update, "outsider")
    with pytest.raises(StaleRevision):
        comment_on_passage(
            actor=cast.actor("comms"),
            now=NOW,
            update_id=update.pk,
            revision=99,
            audience="customers",
            language="en",
            field="body",
            quote="x",
            text="y",
        )


def test_comments_are_never_changed(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    made = remark(cast, update)
    with Refusal("approvals_comment_immutable"):
        sql("UPDATE approvals_passagecomment SET text = 'Other.'")
    with Refusal("approvals_passage_not_empty"):
        PassageComment.objects.create(round=made.round, author=cast.comms, field="body", start=3, end=3, at=NOW)
    with Refusal("approvals_passage_field_known"):
        PassageComment.objects.create(round=made.round, author=cast.comms, field="foot", start=3, end=4, at=NOW)


def flagged(cast: Cast, **flags: bool) -> Update:
    update = draft(cast)
    Incident.objects.filter(pk=update.incident_id).update(**flags)
    return Update.objects.get(pk=update.pk)


@pytest.mark.parametrize("flag", ["data_breach", "regulated_system"])
def test_a_flagged_incident_asks_legal_whatever_the_policy_says(cast: Cast, flag: str) -> None:
    update = flagged(cast, **{flag: True})
    round_ = ask(cast, update)
    assert "legal" in set(round_.slots.values_list("kind", flat=True))
    approve(cast, update)
    assert state(update) == "in_review"
    say(cast, update, "legal", by="legal")
    assert state(update) == "approved"
    release(cast, update)


def test_flagging_after_approval_stops_the_release_until_legal_has_approved(cast: Cast) -> None:
    update = approved(cast)
    Incident.objects.filter(pk=update.incident_id).update(data_breach=True)
    reasons = release_reasons(Update.objects.get(pk=update.pk), NOW)
    assert [reason.code for reason in reasons] == ["legal_missing"]
    with pytest.raises(Conflict) as refusal:
        release(cast, update)
    assert refusal.value.code == "legal_missing"
    with Refusal("approvals_release_needs_legal"):
        release_row(update, update.rounds.get(), cast)


def test_among_colleagues_a_flagged_incident_needs_no_lawyer(cast: Cast) -> None:
    update = approved(cast)
    Audience.objects.filter(key__in=["customers", "internal"]).update(is_public=False, is_internal=True)
    Incident.objects.filter(pk=update.incident_id).update(data_breach=True)
    assert release_reasons(Update.objects.get(pk=update.pk), NOW) == []
    release(cast, update)


def drill(cast: Cast) -> Update:
    return start_update(
        actor=cast.actor("commander"),
        now=NOW,
        incident=make_incident(actor=cast.actor("commander")),
        status="investigating",
        variants=[CUSTOMER_WORDS],
        kind="drill",
    )


def test_a_verdict_on_a_drill_counts_as_practice_even_for_the_untrained(cast: Cast) -> None:
    untrained(cast.techlead)
    update = drill(cast)
    ask(cast, update)
    say(cast, update, "technical")
    (credit,) = TrainingRecord.objects.filter(source=Source.PRACTICE)
    assert (credit.user, credit.duty) == (cast.techlead, "technical")


def test_a_drill_counts_once_for_each_kind_however_often_it_is_reviewed(cast: Cast) -> None:
    update = drill(cast)
    ask(cast, update)
    say(cast, update, "technical")
    edit(cast, update)
    ask(cast, update)
    say(cast, update, "technical")
    assert TrainingRecord.objects.filter(source=Source.PRACTICE, user=cast.techlead).count() == 1


def test_an_approved_drill_is_never_released(cast: Cast) -> None:
    update = drill(cast)
    round_ = ask(cast, update)
    approve(cast, update)
    assert state(update) == "approved"
    with pytest.raises(Conflict) as refusal:
        release(cast, update)
    assert refusal.value.code == "drill"
    with Refusal("approvals_no_release_of_a_drill"):
        release_row(update, round_, cast)


@pytest.mark.parametrize("now", [NOW, LATER])
def test_no_override_releases_a_drill_and_the_reason_is_said(cast: Cast, now: datetime) -> None:
    """With nobody to review it, and after its windows ran out."""
    update = drill(cast)
    RoleAssignment.objects.filter(role__in=["technical_lead", "comms_reviewer"]).delete()
    ask(cast, update)
    with pytest.raises(Conflict, match="A drill is never released") as refusal:
        override(cast, update, now=now)
    assert refusal.value.code == "drill"
    assert (state(update), Override.objects.exists()) == ("in_review", False)


def test_an_ordinary_verdict_is_no_practice(cast: Cast) -> None:
    approved(cast)
    assert not TrainingRecord.objects.filter(source=Source.PRACTICE).exists()
