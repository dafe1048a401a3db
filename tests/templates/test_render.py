"""Filling in: plain substitution and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.rules.gaps import GAP_WORDS, gap_mark, gap_words, unfilled
from templates.rules.holding import HOLDING_VARIABLES
from templates.rules.render import placeholders, render
from templates.rules.variables import VARIABLES, problems_of

NAMES = st.sampled_from(sorted(VARIABLES))
PLAIN = st.text(st.characters(exclude_characters="{}[]"), max_size=20)
VALUES = st.text(min_size=1, max_size=20).filter(lambda value: value.strip())


def written(pieces: list[tuple[str, str]]) -> str:
    return "".join(before + "{{ " + name + " }}" for before, name in pieces)


@given(st.text().filter(lambda text: "{{" not in text), st.dictionaries(NAMES, VALUES))
def test_a_text_without_placeholders_stays_as_it_is(text: str, values: dict[str, str]) -> None:
    rendered = render(text, values)
    assert rendered.text == text
    assert rendered.missing == ()


@given(st.lists(st.tuples(PLAIN, NAMES), max_size=6), st.dictionaries(NAMES, VALUES))
def test_each_placeholder_is_replaced_or_marked(pieces: list[tuple[str, str]], values: dict[str, str]) -> None:
    rendered = render(written(pieces), values)
    assert rendered.text == "".join(before + values.get(name, gap_mark(name)) for before, name in pieces)
    assert rendered.missing == tuple(dict.fromkeys(name for _, name in pieces if name not in values))


@given(st.lists(st.tuples(PLAIN, NAMES), max_size=6))
def test_what_is_missing_is_found_again_in_the_text(pieces: list[tuple[str, str]]) -> None:
    rendered = render(written(pieces), {})
    assert rendered.missing == tuple(placeholders(written(pieces)))
    assert unfilled(rendered.text) == [gap_words(name) for name in rendered.missing]


def test_every_gap_says_in_other_words_than_its_name_what_belongs_there() -> None:
    assert GAP_WORDS.keys() == VARIABLES.keys() | HOLDING_VARIABLES.keys()
    assert len(set(GAP_WORDS.values())) == len(GAP_WORDS)
    assert not [words for words in GAP_WORDS.values() if "_" in words]
    assert unfilled("[[fill in: cause]] and [[fill in: component_names]]") == ["cause", "component_names"]


@given(NAMES, st.text(max_size=60))
def test_a_value_is_never_read_as_a_template(name: str, value: str) -> None:
    nested = f"{value}{{{{ {name} }}}}{{{{ 7*7 }}}}{{% now %}}"
    assert render("a {{ " + name + " }} z", {name: nested}).text == f"a {nested} z"


@pytest.mark.parametrize(
    "inside",
    [
        "status.__class__",
        "status.upper",
        "status|upper",
        "7*7",
        "values['status']",
        "status()",
        "__import__('os')",
        "",
        "%s",
        "0",
        r"\g<0>",
    ],
)
def test_nothing_but_a_plain_name_is_ever_looked_up(inside: str) -> None:
    rendered = render("{{ " + inside + " }}", {"status": "investigating", "values": "x"})
    assert "investigating" not in rendered.text
    assert "49" not in rendered.text


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_value_is_marked_like_a_missing_one(blank: str) -> None:
    assert render("{{ component_names }}", {"component_names": blank}).missing == ("component_names",)


@pytest.mark.parametrize("text", ["{{status}}", "{{  status  }}", "{{\tstatus }}"])
def test_spaces_inside_the_braces_do_not_matter(text: str) -> None:
    assert render(text, {"status": "resolved"}).text == "resolved"


@pytest.mark.parametrize("text", ["{status}", "{ { status } }", "{{ status", "status }}", "{{ a\nb }}", "%(status)s", "$status"])
def test_what_is_no_placeholder_stays(text: str) -> None:
    assert render(text, {"status": "resolved"}).text == text


def test_a_template_may_use_only_known_variables_and_internal_ones_only_inside() -> None:
    assert problems_of("{{ status }} {{ severity }} {{ incident_title }}", internal=True) == []
    assert len(problems_of("{{ status }} {{ severity }} {{ incident_title }}", internal=False)) == 2
    assert "no variable “incident.title”" in problems_of("{{ incident.title }}", internal=True)[0]
