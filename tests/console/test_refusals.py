"""A refusal at the top of the next page reads as sentences, without the names that programs use."""

import pytest

from console.views.support import field_sentence


@pytest.mark.parametrize(
    ("field", "sentence", "read"),
    [
        ("variants.customers.body", "The variant for Customers has no body.", "The variant for Customers has no body."),
        ("reason", "Give a reason.", "Give a reason."),
        ("ends_at", "It ends before it begins.", "Ends at: It ends before it begins."),
        ("audiences", "Choose at least one of the audiences.", "Choose at least one of the audiences."),
    ],
)
def test_a_field_is_named_in_words_where_its_sentence_does_not(field: str, sentence: str, read: str) -> None:
    assert field_sentence(field, sentence) == read
