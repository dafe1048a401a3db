"""Which template an event gets: rules first, then the place."""

from hypothesis import given
from hypothesis import strategies as st

from templates.rules.mapping import Because, Choice, Rule, choose, never_reached, unmapped

STATUSES, AUDIENCES = ["investigating", "resolved"], ["customers", "internal"]
CATEGORIES, TAGS = ["network", "database"], ["payments", "eu", "beta"]

choices = st.builds(
    Choice,
    key=st.sampled_from([f"t{n}" for n in range(8)]),
    category=st.sampled_from(["", *CATEGORIES]),
    status=st.sampled_from(STATUSES),
    audience=st.sampled_from(AUDIENCES),
    only_by_rule=st.booleans(),
)
rules = st.builds(
    Rule, category=st.sampled_from(["", *CATEGORIES]), tags=st.frozensets(st.sampled_from(TAGS), max_size=2), template=choices
)
events = st.fixed_dictionaries(
    {
        "category": st.sampled_from(CATEGORIES),
        "status": st.sampled_from(STATUSES),
        "audience": st.sampled_from(AUDIENCES),
        "tags": st.frozensets(st.sampled_from(TAGS)),
    }
)


def template(
    key: str, category: str = "", status: str = "investigating", audience: str = "customers", only_by_rule: bool = False
) -> Choice:
    return Choice(key, category, status, audience, only_by_rule)


def asked(*rule: Rule, templates: list[Choice], category: str = "network", tags: str = "") -> tuple[str, Because, int]:
    found = choose(
        rules=rule,
        templates=templates,
        category=category,
        status="investigating",
        audience="customers",
        tags=frozenset(tags.split()),
    )
    return found.key, found.because, found.position


def test_the_very_category_beats_any_and_a_rule_beats_both() -> None:
    anything, network, special = template("any"), template("network", "network"), template("special", only_by_rule=True)
    places = [anything, network, special]
    assert asked(templates=places, category="database") == ("any", Because.ANY, 0)
    assert asked(templates=places) == ("network", Because.CATEGORY, 0)
    rule = Rule("", frozenset({"payments"}), special)
    assert asked(rule, templates=places, tags="payments eu") == ("special", Because.RULE, 1)
    assert asked(rule, templates=places, tags="eu") == ("network", Because.CATEGORY, 0)
    assert asked(templates=[special]) == ("", Because.NOTHING, 0)


def test_a_rule_needs_all_of_its_tags_and_its_category() -> None:
    rule = Rule("network", frozenset({"payments", "eu"}), template("special"))
    assert asked(rule, templates=[], tags="payments")[1] is Because.NOTHING
    assert asked(rule, templates=[], tags="payments eu beta") == ("special", Because.RULE, 1)
    assert asked(rule, templates=[], category="database", tags="payments eu")[1] is Because.NOTHING


@given(rule_list=st.lists(rules, max_size=6), places=st.lists(choices, max_size=6), event=events)
def test_the_first_rule_that_matches_decides_and_nothing_else_is_read(rule_list: list[Rule], places: list[Choice], event: dict) -> None:  # type: ignore[type-arg]  # one event of the strategy
    found = choose(rules=rule_list, templates=places, **event)
    matching = [
        position
        for position, rule in enumerate(rule_list, 1)
        if rule.category in {"", event["category"]}
        and rule.tags <= event["tags"]
        and (rule.template.status, rule.template.audience) == (event["status"], event["audience"])
    ]
    if matching:
        assert (found.because, found.position, found.key) == (Because.RULE, matching[0], rule_list[matching[0] - 1].template.key)
    else:
        own = {place.key for place in places if place.category == event["category"] and not place.only_by_rule}
        assert found.because is not Because.RULE
        assert found.because is not Because.CATEGORY or found.key in own


@given(rule_list=st.lists(rules, max_size=6), event=events)
def test_a_rule_said_to_be_never_reached_never_decides(rule_list: list[Rule], event: dict) -> None:  # type: ignore[type-arg]  # one event of the strategy
    found = choose(rules=rule_list, templates=[], **event)
    assert found.position not in never_reached(rule_list)


def test_a_category_without_words_of_its_own_is_listed_with_what_serves_instead() -> None:
    places = [template("any"), template("network", "network")]
    found = unmapped(rules=[], templates=places, categories=CATEGORIES, statuses=STATUSES, audiences=["customers"])
    assert [(gap.status, gap.falls_back) for gap in found["database"]] == [("investigating", "any"), ("resolved", "")]
    assert [(gap.status, gap.falls_back) for gap in found["network"]] == [("resolved", "")]
    rule = Rule("database", frozenset(), template("special"))
    assert [
        gap.status
        for gap in unmapped(rules=[rule], templates=places, categories=["database"], statuses=STATUSES, audiences=["customers"])["database"]
    ] == ["resolved"]
