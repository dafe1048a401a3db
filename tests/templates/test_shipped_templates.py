"""The wording the product ships with."""

import pytest

from incidents.rules.content import Wording
from policies.rules.facts import KNOWN_WORDS
from screening.rules.check import check
from screening.rules.findings import Group, ScreeningFacts
from templates.models import TemplateVersion
from templates.queries import template_for
from templates.rules.gaps import unfilled
from templates.rules.render import render
from templates.rules.variables import VARIABLES, problems_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("audience", ["customers", "internal"])
@pytest.mark.parametrize("status", KNOWN_WORDS["status"])
@pytest.mark.parametrize("category", KNOWN_WORDS["category"])
def test_there_is_wording_for_every_category_status_and_shipped_audience(category: str, status: str, audience: str) -> None:
    found = template_for(category, status, audience)
    assert found is not None
    assert found.template.status == status
    assert found.template.audience_key == audience


def test_a_template_for_the_category_beats_the_one_for_any() -> None:
    specific, general = template_for("network", "investigating", "customers"), template_for("database", "investigating", "customers")
    assert specific is not None
    assert general is not None
    assert (specific.template.category, general.template.category) == ("network", "")


def test_nothing_is_found_for_an_audience_without_wording() -> None:
    assert template_for("network", "investigating", "regulators") is None


def test_shipped_wording_uses_known_variables_and_names_nothing_internal_to_customers() -> None:
    for version in TemplateVersion.objects.select_related("template"):
        text = version.title + "\n" + version.body
        assert problems_of(text, internal=version.template.audience_key == "internal") == []
        if version.template.audience_key == "customers":
            assert "SEV" not in text


def test_shipped_wording_fills_completely_when_every_value_is_known() -> None:
    values = dict.fromkeys(VARIABLES, "value")
    for version in TemplateVersion.objects.all():
        assert unfilled(render(version.title, values).text + render(version.body, values).text) == []
        assert len(version.title) <= 200


def test_the_wording_the_product_ships_with_raises_no_suspicion_of_naming_a_cause() -> None:
    values = dict.fromkeys(VARIABLES, "value")
    checked = 0
    for version in TemplateVersion.objects.select_related("template"):
        wording = Wording(render(version.title, values).text, render(version.body, values).text)
        facts = ScreeningFacts(audience_internal=version.template.audience_key == "internal")
        assert [one.excerpt for one in check(wording, facts) if one.group == Group.SPECULATION] == [], version.template.name
        checked += 1
    assert checked >= 8
