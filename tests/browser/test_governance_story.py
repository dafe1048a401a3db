"""Governance as a story in a browser: dispute, ruling, a window that runs out, backup, override, ratification, correction.

The clock of the server is moved on; the people act on the pages alone, and the letters are those that came over the wire.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.actors import system
from accounts.rules.duties import Duty
from approvals.models import Dispute, Override, Release, ReviewLink
from audit.services.verify import verify_log
from core.clock import utc_now
from incidents.models import Update
from notifications.models import Delivery
from stakeholders.models import Audience, AudienceMember, Stakeholder
from stakeholders.services import add_members, register_stakeholder
from tests.browser.acts import click, enrol_a_passkey, enrol_an_app, link_in, press, said, select
from tests.browser.conftest import SignIn
from tests.browser.machinery import Inbox, clockwork, mail_server
from tests.browser.story import update_in_review
from tests.statuspage.serving import wait_until
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident
from tests.support.roster import on_rota
from tests.support.second_factor import code_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
GUESS = "A supplier is to blame."
WHY = "Customers call in, the technical leads sleep, and the words say only what the dashboards show."


@pytest.fixture(autouse=True)
def _no_code_was_used(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def post(settings: Any) -> Iterator[Inbox]:
    """The letters, while the clockwork runs."""
    with mail_server() as (inbox, port), clockwork():
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield inbox


def reader(name: str) -> Stakeholder:
    """Somebody of the customers, called `name`."""
    address = f"{name}@customer.example"
    made = register_stakeholder(
        actor=system("test"), now=utc_now(), kind="customer", name=name, email=address, time_zone="UTC", language="en"
    )
    add_members(actor=system("test"), now=utc_now(), audience=customers(), stakeholders=[made])
    return made


def customers() -> Audience:
    return Audience.objects.get(key="customers")


def titles(post: Inbox, name: str) -> list[str]:
    """What this person got, by subject."""
    return [str(letter["Subject"]) for letter in post.to(f"{name}@customer.example")]


def letter_to(post: Inbox, name: str, subject: str) -> str:
    """The review link in the newest letter about `subject` to this person of the cast."""
    mine = f"{name}@example.com"
    wait_until(lambda: any(subject in str(letter["Subject"]) for letter in post.to(mine)), seconds=10)
    return link_in([letter for letter in post.to(mine) if subject in str(letter["Subject"])][-1])


def words_of(page: Page, audience: str, title: str, body: str) -> None:
    page.click(f".tab-list a[href='#for-{audience}']")
    page.fill(f"#id_title-{audience}", title)
    page.fill(f"#id_body-{audience}", body)


def ask(page: Page) -> Update:
    expect(page.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    page.click("[data-ask]")
    page.wait_for_url(re.compile(r"/console/incidents/\w+/(#|$)"))
    said(page, "Review asked of")
    return Update.objects.latest("pk")


def draft_with_a_guess(page: Page, incident: str) -> Update:
    """The commander writes, and writes one sentence too many."""
    page.goto(f"/console/incidents/{incident}/")
    page.click(".action-bar a:has-text('Edit the draft')")
    words_of(page, "internal", "Checkout: card payments fail", "5xx since deploy 41.")
    words_of(page, "customers", "Paying by card fails", f"About one card payment in five fails. {GUESS}")
    return ask(page)


def dispute_it(page: Page, link: str) -> None:
    """From the letter: the link opens the review; the passage is selected and disputed with one key."""
    page.goto(link)
    page.wait_for_url("**/review/?link=*")
    assert not ReviewLink.objects.filter(spent_at__isnull=False).exists()
    select(page, GUESS)
    page.keyboard.press("d")
    page.wait_for_url("**/dispute/**")
    expect(page.get_by_label("The passage")).to_have_value(GUESS)
    page.get_by_label("What is wrong with it").fill("Nobody has shown that.")
    click(page, "Dispute this passage", "/console/disputes/")


def strike_it(page: Page) -> None:
    """The arbiter: from the board to the ruling."""
    page.goto("/console/")
    page.get_by_role("link", name="Rule").click()
    expect(page.locator("mark.passage")).to_contain_text(GUESS)
    page.get_by_label("Strike the passage").check()
    page.get_by_label("Why you rule so").fill("It is not known.")
    click(page, "Give this ruling", "/console/disputes/")
    expect(page.get_by_role("heading", name="The ruling")).to_be_visible()


def override_it(page: Page, update: Update, code: Any) -> Override:
    """The holder reads who will be told, gives the reason, then the second factor, and releases."""
    page.goto(f"/console/updates/{update.public_id}/release/")
    page.click("text=Look at the override")
    expect(page.get_by_role("heading", name="Who will be told")).to_be_visible()
    page.get_by_label("Why this cannot wait").fill(WHY)
    page.click("button:has-text('without the')")
    page.wait_for_url("**/accounts/2fa/reauthenticate/**")
    code(page)
    page.wait_for_url(re.compile(r"^[^?]*/override/"))
    expect(page.get_by_label("Why this cannot wait")).to_have_value(WHY)
    assert not Override.objects.filter(update_of=update).exists()
    page.click("button:has-text('without the')")
    page.wait_for_url("**/console/releases/**")
    said(page, "Released by override")
    return Override.objects.get(update_of=update)


def at(update: Update, share: int) -> datetime:
    """When that share of the technical review's window, in per cent, is gone."""
    slot = update.rounds.latest("pk").slots.get(kind="technical")
    return slot.round.opened_at + (slot.due_at - slot.round.opened_at) * share / 100 + timedelta(seconds=2)


def test_from_a_disputed_sentence_to_a_ratified_override(sign_in: SignIn, cast: Cast, post: Inbox) -> None:
    for weekday in range(7):
        on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2, weekday=weekday)
    reader("Ada")
    incident = make_incident(actor=cast.actor("commander"), now=utc_now(), components=[make_component(name="Checkout")])
    holder = sign_in("override", width=360, theme="dark")
    secret = enrol_an_app(holder)
    update = draft_with_a_guess(sign_in("commander"), incident.public_id)

    comms = sign_in("comms")
    dispute_it(comms, letter_to(post, "comms", "Review wanted"))
    strike_it(sign_in("arbiter"))
    assert Dispute.objects.get().state == "struck"
    comms.goto(f"/console/updates/{update.public_id}/review/")
    expect(comms.locator("#wording")).to_be_visible()
    press(comms, "a", r"/console/incidents/\w+/(#|$)")
    said(comms, "You approved")

    assert post.to("techlead2@example.com") == []
    with time_machine.travel(at(update, 80), tick=True):
        backup = sign_in("techlead2", width=360)
        backup.goto(letter_to(post, "techlead2", "You are called in"))
        backup.goto("/console/reviews/")
        expect(backup.get_by_role("table").first).to_contain_text("Checkout answers with errors")
    with time_machine.travel(at(update, 120), tick=True):
        wait_until(lambda: bool(post.to("override@example.com")), seconds=10)

        def code(page: Page) -> None:
            page.fill("[name=code]", code_of(secret))
            page.click("button:has-text('Confirm and go on')")

        done = override_it(holder, update, code)
        wait_until(lambda: titles(post, "Ada") == ["Paying by card fails"], seconds=10)
        legal = sign_in("legal")
        legal.goto("/console/")
        legal.get_by_role("link", name="Decide").click()
        expect(legal.get_by_text(WHY)).to_be_visible()
        click(legal, "Ratify this release", "/console/overrides/")
        said(legal, "Ratified")
    done.refresh_from_db()
    assert (done.state, done.decided_by, [one["kind"] for one in done.fills]) == ("ratified", cast.legal, ["technical"])
    (letter,) = post.to("Ada@customer.example")
    assert GUESS not in letter.as_string()
    legal.goto(f"/console/updates/{update.public_id}/story/")
    for words in (GUESS, "It is not known.", WHY, "Override ratified"):
        expect(legal.locator("main")).to_contain_text(words)
    assert verify_log().bad_index is None


def test_a_refused_override_is_corrected_for_exactly_those_who_got_the_wrong_words(sign_in: SignIn, cast: Cast, post: Inbox) -> None:
    ada = reader("Ada")
    reader("Bo")
    holder = sign_in("override")
    enrol_a_passkey(holder)
    update = update_in_review(cast)
    with time_machine.travel(utc_now() + timedelta(hours=1), tick=True):
        override_it(holder, update, lambda page: page.click("button:has-text('Confirm with your passkey')"))
        wait_until(lambda: bool(titles(post, "Ada") and titles(post, "Bo")), seconds=10)
        AudienceMember.objects.filter(stakeholder=ada).delete()
        for name in ("Cy", "Di"):
            reader(name)

        legal = sign_in("legal")
        legal.goto("/console/ratifications/")
        legal.get_by_role("link", name="Decide").click()
        legal.get_by_label("What you say to it").fill("Bank transfers fail, too.")
        click(legal, "Refuse and open a correction", "/edit/")
        said(legal, "The draft of a correction stands ready")

        commander = sign_in("commander")
        commander.goto(legal.url)
        right = put_right(commander, "Card payments and bank transfers fail.")
        comms = sign_in("comms")
        comms.goto(letter_to(post, "comms", "Correction to review"))
        comms.get_by_label("Comment").first.fill("Say since when.")
        comms.locator("h1").click()
        press(comms, "c", r"/console/incidents/\w+/(#|$)")
        said(comms, "You asked for changes")

        commander.goto(f"/console/updates/{right.public_id}/edit/")
        commander.fill("#id_body-customers", commander.input_value("#id_body-customers") + " They have since 13:05 UTC.")
        ask(commander)
        for name in ("techlead", "comms"):
            page = sign_in(name)
            page.goto(f"/console/updates/{right.public_id}/review/")
            press(page, "a", r"/console/incidents/\w+/(#|$)")
        commander.goto(f"/console/updates/{right.public_id}/release/")
        commander.get_by_label("Now", exact=True).check()
        click(commander, "Release to 2 people", "/console/releases/")
        wait_until(lambda: len(titles(post, "Ada")) + len(titles(post, "Bo")) == 4, seconds=10)
        assert Release.objects.count() == 2
        assert titles(post, "Ada") == titles(post, "Bo") == ["Checkout is failing", "Correction: Checkout is failing"]
        assert titles(post, "Cy") == titles(post, "Di") == []
        wait_until(lambda: not Delivery.objects.filter(message__release__update_of=right).exclude(state="accepted").exists(), seconds=10)


def put_right(page: Page, words: str) -> Update:
    """The commander replaces the gaps that the draft of the correction has, and asks."""
    for audience in ("customers", "internal"):
        page.click(f".tab-list a[href='#for-{audience}']")
        body = page.input_value(f"#id_body-{audience}")
        page.fill(f"#id_body-{audience}", body.replace("[[fill in: what is right]]", words))
    return ask(page)
