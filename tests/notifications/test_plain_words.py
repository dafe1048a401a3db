"""The text part of a letter holds plain words, not Markdown's marks."""

from html import unescape

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.services.start_update import VariantInput
from notifications.rules.escaping import plain
from notifications.rules.markdown import to_html, to_text
from notifications.services import claim_and_send
from tests.notifications.test_letters import parts
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update
from tests.support.releases import let_go, reviewed, subscribers
from tests.support.sinks import Sink


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("an update to **Checkout \\(EU\\)**, by _noon_", "an update to Checkout (EU), by noon"),
        ("**bold _and_ slanted** and `code`", "bold and slanted and code"),
        ("See [our page](https://a.example/x?y=1&z).", "See our page (https://a.example/x?y=1&z)."),
        ("<https://a.example/>, [https://a.example/](https://a.example/)", "https://a.example/, https://a.example/"),
        ("[Ask us](mailto:help@a.example), <help@a.example>", "Ask us (help@a.example), help@a.example"),
        ("[l](javascript:x) [ftp](ftp://a/)", "[l](javascript:x) ftp"),
        ("Works:\n\n* cards\n* bank\n  transfer", "Works:\n\n- cards\n- bank\n  transfer"),
        ("3. three\n4. four\n   - inner\n   - second", "3. three\n4. four\n   - inner\n   - second"),
        ("- loose\n\n- list\n\n  more", "- loose\n\n- list\n\n  more"),
        ("# Cause\nA disk\nfailed.  \nTruly.", "Cause\n\nA disk\nfailed.\nTruly."),
        ("> said\n> twice\n>\n> apart", "> said\n> twice\n>\n> apart"),
        ("```\na  b\n  c\n```\n\n---", "    a  b\n      c\n\n* * *"),
        ("It is [[fill in: cause]]. 3 \\* 2 &amp; a_b_c", "It is [[fill in: cause]]. 3 * 2 & a_b_c"),
        ("<b>raw</b> ![i](http://a/b.png)", "<b>raw</b> !i (http://a/b.png)"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_markdown_becomes_plain_words(written: str, read: str) -> None:
    assert to_text(written) == read


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S")), min_size=1))
def test_what_was_escaped_reads_as_it_was_before(words: str) -> None:
    assert to_text(f"about **{plain(words)}**.") in {f"about {words}.", f"about **{words}**."}


@given(st.text(alphabet="ab *_`#>-1.[]()!\\\n\t:;~", max_size=120))
def test_whatever_is_written_the_text_has_the_letters_of_the_html(written: str) -> None:
    shown = unescape(nh3.clean(to_html(written), tags=set()))
    assert [c for c in to_text(written) if c in "ab"] == [c for c in shown if c in "ab"]


@pytest.mark.django_db
def test_a_letters_text_part_shows_no_marks_and_its_html_part_does_what_they_mean(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    body = "**Some** payments fail:\n\n- cards\n- [wallets](https://a.example/w)"
    words: list[VariantInput] = [{"audience": "customers", "title": "Checkout is failing", "body": body}]
    update = make_update(incident=make_incident(actor=cast.actor("commander")), actor=cast.actor("commander"), variants=words)
    let_go(cast, reviewed(cast, update))
    while claim_and_send():
        pass
    text, html = parts(sink.letter_to("anna@example.com"))
    assert "Some payments fail:\n\n- cards\n- wallets (https://a.example/w)\n" in text
    assert "<strong>Some</strong>" in html
