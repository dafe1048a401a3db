"""Addresses in their normal form, whatever kind they are of."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders.rules.addresses import BadAddress, normal_address, normal_email, normal_number, normal_url, shown


@pytest.mark.parametrize(
    ("text", "country", "stored"),
    [
        ("+49 30 901820", "", "+4930901820"),
        ("  +44 (0)20 7946 0958 ", "", "+442079460958"),
        ("030 901820", "de", "+4930901820"),
        ("+1 (212) 555-0123", "", "+12125550123"),
        ("0049 30 901820", "DE", "+4930901820"),
    ],
)
def test_a_telephone_number_is_stored_as_e164(text: str, country: str, stored: str) -> None:
    assert normal_number(text, country=country) == stored


@pytest.mark.parametrize(
    "text", ["", "12345", "030 901820", "+49", "+49 30 901820 ext. 5", "+999 123456789", "call me", "+1\n2125550123\x00x"]
)
def test_what_no_network_would_dial_is_refused_with_its_cure(text: str) -> None:
    with pytest.raises(BadAddress, match="with its country"):
        normal_number(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("https://hooks.slack.com/services/T0/B0/xYz", "https://hooks.slack.com/services/T0/B0/xYz"),
        ("HTTPS://Bücher.Example", "https://xn--bcher-kva.example/"),
        (" https://example.com:443/a?b=c#d ", "https://example.com/a?b=c"),
        ("https://example.com:8443/", "https://example.com:8443/"),
    ],
)
def test_a_web_address_is_stored_with_its_host_in_ascii(text: str, stored: str) -> None:
    assert normal_url(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        "", "http://example.com/", "https://", "https://user:secret@example.com/", "ftp://example.com/", "https://localhost/",
        "https://127.0.0.1/", "https://example.com:99999/", "https://example.com/a b", "https://[::1]/", "javascript:alert(1)",
        "https://exa\nmple.com/", "https://example.com/" + "a" * 1000,
    ],
)  # fmt: skip
def test_a_web_address_that_is_not_safe_to_dial_is_refused(text: str) -> None:
    with pytest.raises(BadAddress, match="https://"):
        normal_url(text)


def test_only_the_demo_and_the_tests_write_to_this_very_machine() -> None:
    assert normal_url("http://127.0.0.1:9000/hook", loopback=True) == "http://127.0.0.1:9000/hook"
    with pytest.raises(BadAddress):
        normal_url("http://127.0.0.1.example.com/hook", loopback=True)


@pytest.mark.parametrize(("local", "fits"), [("a" * 64, True), ("a" * 65, False), (".a", False), ("a.", False), ("a..b", False)])
def test_the_part_before_the_at_sign_has_the_form_of_rfc_5322(local: str, fits: bool) -> None:
    if fits:
        assert normal_email(f"{local}@example.com") == f"{local}@example.com"
    else:
        with pytest.raises(BadAddress):
            normal_email(f"{local}@example.com")


@given(st.text(max_size=60), st.sampled_from(["email", "sms", "webhook", "slack", "teams"]))
def test_whatever_is_typed_is_refused_or_becomes_a_form_that_stays(text: str, kind: str) -> None:
    with contextlib.suppress(BadAddress):
        stored = normal_address(kind, text)
        assert normal_address(kind, stored) == stored
        assert stored.isprintable()
        assert stored.isascii()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadAddress, match="email, sms, webhook, slack, teams"):
        normal_address("fax", "+4930901820")


def test_a_web_address_is_shown_without_what_lets_others_write_there() -> None:
    assert shown("slack", "https://hooks.slack.com/services/T0/B0/secretxYz9") == "hooks.slack.com/…xYz9"
    assert shown("sms", "+4930901820") == "+4930901820"
