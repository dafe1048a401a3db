"""What a letter or text message says that asks somebody to confirm an address."""

from typing import NamedTuple

# Stands in the stored wording for the code or the link, which are put in when the message is sent.
ANSWER_PLACE = "ANSWER-IS-PUT-HERE"


class Words(NamedTuple):
    """Title, and body in Markdown."""

    title: str
    body: str


def link_words(*, page: str, again: bool) -> Words:
    """The letter to an e-mail address; `again` where it was confirmed before."""
    if again:
        first = f"A year ago you confirmed that {page} may write to this address. Please say once more that you still want this."
        after = "Until then you are told of incidents as before. Without your answer within 30 days nothing more is sent."
    else:
        first = f"This address was given to be told of incidents by {page}. Please confirm that it is yours and that you want this."
        after = "Without your answer nothing more is sent to this address. If you do not know what this is about, do nothing."
    return Words(
        title=f"Please confirm your address for {page}",
        body=f"{first}\n\n[Confirm this address]({ANSWER_PLACE})\n\nThe link is good for seven days. {after}",
    )


def code_words(*, page: str, again: bool) -> Words:
    """The text message to a colleague's telephone."""
    del again
    return Words(
        title=f"{ANSWER_PLACE} is your code", body=f"It confirms this number for {page} and is good for ten minutes. Tell it nobody."
    )
