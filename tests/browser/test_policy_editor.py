"""The policy's pages in a real browser: accessible at both widths and in both themes, and usable with and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from core.clock import utc_now
from policies.models import PolicyVersion
from policies.queries import active_policy
from policies.services import propose_version, start_draft
from policies.services.drafts import create_draft
from tests.browser.conftest import SignIn
from tests.browser.test_every_page import LOOKS, flaws, keep_picture
from tests.support.cast import Cast
from tests.support.factories import make_incident
from tests.support.policies import rules_in_force

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def drafts(cast: Cast) -> PolicyVersion:
    """A draft with a rule that never decides, and a proposal that changes one cadence and has one rule more."""
    admin, now = cast.actor("admin"), utc_now()
    rules = rules_in_force()
    rules[0], rules[1] = rules[1], rules[0]
    draft = create_draft(actor=admin, now=now, rules=rules, note="Watching comes first.")
    other = rules_in_force()
    other[7]["then"]["cadence"]["investigating"] = 20
    when = {"any": [{"all": [{"severity": ["SEV1"]}, {"tags": ["vip"]}]}, {"fact": "elapsed_minutes", "op": "at_least", "value": 240}]}
    other.insert(7, {"key": "vip", "words": "Our largest customers are hit, or it lasts.", "when": when, "then": other[7]["then"]})
    propose_version(actor=admin, now=now, version=create_draft(actor=admin, now=now, rules=other, note="Largest customers first."))
    make_incident(actor=cast.actor("commander"), now=now)
    return draft


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_pages_of_the_policy_are_accessible_and_fit(sign_in: SignIn, cast: Cast, width: int, theme: str) -> None:
    number = drafts(cast).number
    start_draft(actor=cast.actor("commander"), now=utc_now(), based_on=PolicyVersion.objects.get(number=number + 1))
    page, look = sign_in("commander", width=width, theme=theme), f"{width}-{theme}"
    addresses = {
        "policy": "/console/policy/",
        "policy-draft": f"/console/policy/{number}/",
        "policy-proposed": f"/console/policy/{number + 1}/",
        "policy-confirm": f"/console/policy/{number + 1}/confirm/",
        "policy-compare": f"/console/policy/{number + 1}/compare/",
        "policy-rule": f"/console/policy/{number + 2}/rules/vip/",
        "policy-new-rule": f"/console/policy/{number}/add-rule/",
        "policy-try": f"/console/policy/{active_policy().number}/try/?severity=SEV3&stage=confirmed&customer_facing=on&elapsed_minutes=5",
        "policy-import": "/console/policy/import/",
    }
    found: list[str] = []
    for name, address in addresses.items():
        page.goto(address)
        keep_picture(page, f"{name}-{look}")
        found += flaws(page, name, look)
    assert found == []


def new_rule(page: Page, number: int) -> None:
    """A rule for SEV1 that has lasted two hours, by its buttons."""
    page.goto(f"/console/policy/{number}/add-rule/")
    page.select_option("[name=c-add]", "severity")
    page.click("button[value='add:c']")
    page.check("[name='c.0-value'][value=SEV1]")
    page.select_option("[name=c-add]", "elapsed_minutes")
    page.click("button[value='add:c']")
    expect(page.locator("[name='c.0-value'][value=SEV1]")).to_be_checked()
    page.fill("[name='c.1-text']", "120")
    page.fill("[name=key]", "after-two-hours")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_rule_is_written_with_and_without_scripts(sign_in: SignIn, cast: Cast, *, scripts: bool) -> None:
    number = start_draft(actor=cast.actor("admin"), now=utc_now(), based_on=active_policy()).number
    page = sign_in("commander", scripts=scripts)
    new_rule(page, number)
    if scripts:
        expect(page.locator("#explained")).to_contain_text("severity is SEV1 and it has lasted 2 h or longer")
    page.click(f"text=Save into draft {number}")
    expect(page.locator("#rule-after-two-hours")).to_contain_text("it has lasted 2 h or longer")
