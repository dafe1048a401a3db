"""When two addresses are one person's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.mailboxes import same_mailbox


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "ADA@Example.COM"),
        ("ada@example.com", "ada+reviews@example.com"),
        ("ada@example.com", " ada+a+b@example.com "),
        ("ada@example.com", "ada＠example.com"),
    ],
)
def test_spellings_of_one_mailbox(one: str, other: str) -> None:
    assert same_mailbox(one) == same_mailbox(other) != ""


@pytest.mark.parametrize(("one", "other"), [("ada@example.com", "ada@example.org"), ("ada@example.com", "bob@example.com")])
def test_different_mailboxes(one: str, other: str) -> None:
    assert same_mailbox(one) != same_mailbox(other)


@pytest.mark.parametrize("nothing", ["", "ada", "@example.com", "ada@", "+tag@example.com"])
def test_what_is_no_address_is_nobodys_mailbox(nothing: str) -> None:
    assert same_mailbox(nothing) == ""


@given(st.emails())
def test_the_form_is_its_own_form(address: str) -> None:
    assert same_mailbox(same_mailbox(address)) == same_mailbox(address)
