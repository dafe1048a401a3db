"""Keys and stored words as people read them."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def named(key: str, names: Mapping[str, str] | None) -> str:
    """The name that people gave to what has this key; the key itself where it has none. Usage: `key|named:audience_names`."""
    return (names or {}).get(key, key)


@register.filter
def in_words(stored: str) -> str:
    """A stored word for reading: `third_party` becomes “third party”."""
    return str(stored).replace("_", " ")


@register.filter
def said_of(words: str, count: int) -> str:
    """What is said of several people, of this many: “have unsubscribed” becomes “has unsubscribed” of one."""
    return words.replace("have ", "has ", 1) if count == 1 and words.startswith("have ") else words
