"""Whatever is typed: no crash, places that are right, and time that is bounded."""

import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.content import Wording
from screening.rules.check import LONGEST, check
from screening.rules.findings import ScreeningFacts
from screening.rules.normalise import normalise
from screening.rules.passages import pieces
from tests.screening.checking import found

# Letters of every script, and the characters that escapes, entities, defanging and secrets are made of.
TEXTS = st.text() | st.text(alphabet="0123456789abcdefABCDEF.:/-[](){}&#;\\xX \n\u200b\u00ad٣１о‐。dot" + string.punctuation)
DISGUISES = st.sampled_from(["[.]", "(.)", "{dot}", ".", "\\.", "&#46;", "。", "\u200b.", ".\u2060", "[ . ]"])


@given(TEXTS)
def test_any_text_can_be_checked_and_every_place_lies_within_it(text: str) -> None:
    for facts in (ScreeningFacts(), ScreeningFacts(audience_internal=True)):
        for one in check(Wording(text[:200], text), facts):
            source = text if one.field == "body" else text[:200]
            assert 0 <= one.start < one.end <= len(source)
            assert one.excerpt


@given(TEXTS)
def test_the_plain_form_maps_every_character_to_where_it_was_typed(text: str) -> None:
    plain = normalise(text)
    assert plain.source == text
    if plain.starts is None or plain.ends is None:
        assert plain.text == text
        return
    assert len(plain.text) == len(plain.starts) == len(plain.ends)
    assert list(plain.starts) == sorted(plain.starts)
    for character, start, end in zip(plain.text, plain.starts, plain.ends, strict=True):
        assert start < end <= len(text)
        # What was plain already stayed where it was.
        assert end - start > 1 or not text[start].isascii() or text[start] == character


@given(st.text(), st.text(), st.lists(DISGUISES, min_size=3, max_size=3))
def test_a_disguised_address_is_marked_whole_amid_any_text(before: str, after: str, dots: list[str]) -> None:
    address = f"10{dots[0]}20{dots[1]}30{dots[2]}40"
    body = f"{before} \n{address} \n{after}"
    if any(unicodedata.category(character)[0] in "LN" for character in before[-30:]):
        # A word before may be "version", which makes a version of it.
        body = f"x \n{address} \n{after}"
    marked = [body[one.start : one.end] for one in found(body) if one.rule == "address.ip"]
    assert address in marked


@given(TEXTS)
def test_the_pieces_put_together_are_the_text(text: str) -> None:
    findings = [one for one in found(text) if one.field == "body"]
    assert "".join(piece.text for piece in pieces(text, findings)) == text
    assert not findings or any(piece.severity for piece in pieces(text, findings))


def test_a_text_too_long_to_be_stored_is_refused_unread() -> None:
    began = time.process_time()
    (finding,) = found("10.0.0.1 " * 1_200_000)
    assert (finding.rule, finding.severity) == ("text.too_long", "block")
    assert len(finding.excerpt) <= 80
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "unit",
    [
        "eyJ", "eyJa.", "//", "///:_authToken=npm_", "://a:", "://", "sk-", "sk-a1", "a-", "db-prod-", "1.", "10.0.0.", "a.", "a:", "fe80:",
        "00:", "[.]", "\\.", "&#46;", "key=", "password=", "password= ", "token ", "-----BEGIN PRIVATE KEY-----", "BEGIN ", "xoxb-1-",
        "due to ", "\u200b", "а", "é", "0", "A", " ", "\n", "_", "-", ".", ":", "ibm_cloud_iam_api_key=", "aws key '", "slapikey: ",
        "Bearer a", "https://hooks.slack.com/services/T", "T3BlbkFJ", "we ", "version 1.2.3.4, ",
        "x.internal", ".internal", "AKIA", "ghp_",
    ],
)  # fmt: skip
def test_no_text_makes_a_check_slow(unit: str) -> None:
    """The longest text there can be, made of what patterns begin with. Processor time, so that load on the machine does not count."""
    text = (unit * LONGEST)[:LONGEST]
    check(Wording("", unit), ScreeningFacts())
    began = time.process_time()
    check(Wording("", text), ScreeningFacts())
    assert time.process_time() - began < 3
