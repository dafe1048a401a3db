"""Guesses, markers and codes."""

import pytest

from tests.screening.checking import found


def said(body: str, *, internal: bool = False, cause: str | None = None) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in found(body, internal=internal, cause=cause)]


@pytest.mark.parametrize("words", ["caused by", "due to", "because of", "as a result of", "Root cause is", "triggered by"])
def test_a_cause_warns_until_one_is_confirmed(words: str) -> None:
    text = f"The errors: {words} a failed disk."
    assert said(text) == [("speculation.cause", "warn")]
    assert said(text, cause="suspected") == [("speculation.cause", "warn")]
    assert said(text, internal=True) == [("speculation.cause", "hint")]
    assert said(text, cause="confirmed") == []


@pytest.mark.parametrize(
    "words",
    [
        "is known and a fix is being made",
        "is not yet known",
        "is still unknown",
        "was identified",
        "is being investigated",
        "is under investigation",
        "is published",
    ],
)
def test_to_speak_of_a_cause_is_not_to_name_one(words: str) -> None:
    assert said(f"The cause {words}.") == []
    assert said(f"Until then the root cause {words}.", internal=True) == []


@pytest.mark.parametrize(
    "words",
    ["is a failed disk", "is known to be a failed disk", "was identified as a failed disk", "is confirmed: a failed disk", "is not a disk"],
)
def test_what_follows_names_the_cause_all_the_same(words: str) -> None:
    assert said(f"The cause {words}.") == [("speculation.cause", "warn")]


def test_a_plan_is_no_cause() -> None:
    assert said("The work is due to start at 14:00 UTC and due to be finished by 15:00 UTC.") == []


@pytest.mark.parametrize("words", ["We think", "probably", "It appears to", "most likely"])
def test_a_hedge_is_a_hint_outside(words: str) -> None:
    assert said(f"{words} recover soon.") == [("speculation.hedge", "hint")]
    assert said(f"{words} recover soon.", internal=True) == []


@pytest.mark.parametrize("marker", ["TLP:RED", "TLP: AMBER+STRICT", "tlp:green", "TLP∶RED"])
def test_a_traffic_light_warns(marker: str) -> None:
    assert said(f"{marker} We are on it.") == [("marker.tlp", "warn")]


@pytest.mark.parametrize("marker", ["TLP:CLEAR", "TLP:WHITE"])
def test_what_is_marked_for_everyone_may_go_to_everyone(marker: str) -> None:
    assert said(f"{marker} We are on it.") == []


@pytest.mark.parametrize("marker", ["Privileged & Confidential", "attorney-client privilege", "for internal use only", "Do not forward"])
def test_a_privilege_marker_warns_outside_and_hints_inside(marker: str) -> None:
    assert said(f"{marker}. We are on it.") == [("marker.privilege", "warn")]
    assert said(f"{marker}. We are on it.", internal=True) == [("marker.privilege", "hint")]


@pytest.mark.parametrize("code", ["SEV1", "sev-2", "SEV 3", "P1 incident"])
def test_a_severity_code_warns_outside_alone(code: str) -> None:
    assert said(f"This is a {code} now.") == [("clarity.severity_code", "warn")]
    assert said(f"This is a {code} now.", internal=True) == []


def test_ordinary_words_say_nothing() -> None:
    assert said("Seven people on the P2P network saw several errors. Your confidential data was not touched.") == []
