"""Puts a refusal of a service beside the fields of a form."""

from collections.abc import Callable

from django import forms

from core.errors import DomainError


def beside_fields(form: forms.Form, error: DomainError, *, field_of: Callable[[str], str] = str) -> None:
    """Each sentence goes to the field it names; `field_of` translates names; what names no field stands above the form."""
    placed = False
    for name, sentences in error.fields.items():
        field = field_of(name)
        known = field in form.fields
        for sentence in sentences:
            form.add_error(field if known else None, sentence)
        placed = True
    if not placed:
        form.add_error(None, error.message)
