"""A link from a letter opens the page for one person. Scanners, prefetchers and other people change nothing by opening it."""

import pytest
from django.test import Client
from django.utils import timezone

from approvals.models import Review, ReviewLink, ReviewRound
from approvals.queries.links import path_of, token_of
from approvals.services import give_verdict
from core.errors import Conflict, Forbidden
from incidents.models import Update
from tests.approvals.acts import ask, draft, number, say, state
from tests.approvals.test_constraints import Refusal, sql
from tests.support.cast import NOW, PASSWORD, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def update(cast: Cast) -> Update:
    made = draft(cast)
    ask(cast, made, now=timezone.now())
    return made


def link_of(cast: Cast, update: Update, name: str = "techlead", kind: str = "technical") -> str:
    return path_of(ReviewRound.objects.get(update_of=update).slots.get(kind=kind).pk, cast.user(name).pk)


def untouched(update: Update) -> bool:
    return state(update) == "in_review" and not Review.objects.exists() and not ReviewLink.objects.filter(spent_at__isnull=False).exists()


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_it_changes_nothing_however_often(cast: Cast, update: Update, method: str) -> None:
    for client in (Client(), cast.client("techlead"), cast.client("comms"), cast.client("outsider")):
        for _ in range(3):
            getattr(client, method)(link_of(cast, update), headers={"purpose": "prefetch", "sec-purpose": "prefetch"})
    assert untouched(update)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_but_looking_is_possible_at_its_address(cast: Cast, update: Update, method: str) -> None:
    answer = getattr(cast.client("techlead"), method)(link_of(cast, update), {"verdict": "approve", "kind": "technical", "revision": "1"})
    assert answer.status_code == 405
    assert untouched(update)


def test_signing_in_returns_to_the_link_and_the_link_to_the_review(cast: Cast, update: Update) -> None:
    client, link = Client(), link_of(cast, update)
    to_sign_in = client.get(link)
    assert to_sign_in.headers["Location"] == f"/accounts/login/?next={link}"
    page = client.get(to_sign_in.headers["Location"])
    assert page.status_code == 200
    back = client.post("/accounts/login/", {"login": "techlead", "password": PASSWORD, "next": link})
    assert back.headers["Location"] == link
    review = client.get(link)
    assert review.headers["Location"] == f"/console/updates/{update.public_id}/review/?link={link.split('/')[2]}"
    assert "Approve these words" in client.get(review.headers["Location"]).content.decode()


def test_only_the_person_named_is_let_through(cast: Cast, update: Update) -> None:
    link = link_of(cast, update)
    assert cast.client("techlead2").get(link).status_code == 403
    assert cast.client("outsider").get(link).status_code == 404
    assert cast.client("techlead").get("/r/no-such-token/").status_code == 404


def test_the_verdict_by_link_spends_it_and_a_second_one_is_told(cast: Cast, update: Update) -> None:
    client, link = cast.client("techlead"), link_of(cast, update)
    page = client.get(link).headers["Location"]
    client.post(page, {"kind": "technical", "verdict": "approve", "revision": "1", "comment": ""})
    review = Review.objects.get()
    assert review.reviewer == cast.techlead
    assert ReviewLink.objects.get(user=cast.techlead).spent_at is not None
    assert client.get(link).headers["Location"] == f"/console/updates/{update.public_id}/review/"


def test_somebody_elses_link_gives_no_verdict_even_to_another_reviewer(cast: Cast, update: Update) -> None:
    slot = ReviewRound.objects.get(update_of=update).slots.get(kind="technical")
    for token in (token_of(slot.pk, cast.techlead.pk), "made up"):
        with pytest.raises(Forbidden) as refusal:
            give_verdict(
                actor=cast.actor("techlead2", stepped_up=True),
                now=NOW,
                update_id=update.pk,
                kind="technical",
                verdict="approve",
                revision=number(update),
                link=token,
            )
        assert refusal.value.code == "other_link"
    assert untouched(update)


def test_a_link_of_an_earlier_round_gives_no_verdict(cast: Cast, update: Update) -> None:
    token = link_of(cast, update).split("/")[2]
    say(cast, update, "communications", verdict="request_changes", comment="Shorter.")
    ask(cast, update)
    with pytest.raises(Conflict) as refusal:
        give_verdict(
            actor=cast.actor("techlead", stepped_up=True),
            now=NOW,
            update_id=update.pk,
            kind="technical",
            verdict="approve",
            revision=number(update),
            link=token,
        )
    assert refusal.value.code == "link_spent"


def test_the_token_itself_is_not_kept_and_no_two_are_alike(cast: Cast, update: Update) -> None:
    tokens = {token_of(link.slot_id, link.user_id) for link in ReviewLink.objects.all()}
    assert len(tokens) == ReviewLink.objects.count() > 2
    assert not tokens & set(ReviewLink.objects.values_list("digest", flat=True))


def test_a_link_is_spent_once_and_stays_its_persons(cast: Cast, update: Update) -> None:
    say(cast, update, "technical")
    with Refusal("approvals_link_spent_once"):
        ReviewLink.objects.filter(user=cast.techlead).update(spent_at=None)
    with Refusal("approvals_link_spent_once"):
        ReviewLink.objects.filter(user=cast.comms).update(user=cast.comms2)
    with Refusal("approvals_link_spent_once"):
        sql("DELETE FROM approvals_reviewlink")
    one = ReviewLink.objects.filter(user=cast.comms).get()
    with Refusal("approvals_link_once_per_person"):
        ReviewLink.objects.create(slot=one.slot, user=one.user, digest="x", made_at=NOW)
