"""What a letter looks like when it is read."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.letters import UNSUBSCRIBE_PLACE, UnsafeHeader, build, safe_header
from notifications.rules.markdown import to_html
from notifications.rules.times import in_words, zone_named
from notifications.services import claim_and_send
from notifications.transports.unsubscribe_links import link_for, read_token
from stakeholders.models import Audience
from tests.support.cast import Cast
from tests.support.factories import make_component
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink


def read(raw: bytes) -> EmailMessage:
    letter = message_from_bytes(raw, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


def parts(letter: EmailMessage) -> tuple[str, str]:
    """The text and the HTML."""
    assert letter.get_content_type() == "multipart/alternative"
    text, html = letter.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return tuple(part.get_content().replace("\r\n", "\n") for part in (text, html))


def send() -> None:
    while claim_and_send():
        pass


@pytest.mark.django_db
def test_times_stand_in_the_readers_zone_and_in_utc(cast: Cast, sink: Sink) -> None:
    subscribers("berlin@example.com", time_zone="Europe/Berlin")
    subscribers("tokyo@example.com", time_zone="Asia/Tokyo")
    released(cast)
    send()
    for text in parts(sink.letter_to("berlin@example.com")):
        assert "Sent 2 Mar 2026, 15:00 CET (14:00 UTC)." in text
        assert re.search(r"Next update by 2 Mar 2026, 15:\d\d CET \(14:\d\d UTC\)", text)
    assert "Sent 2 Mar 2026, 23:00 JST (14:00 UTC)." in parts(sink.letter_to("tokyo@example.com"))[0]


@pytest.mark.django_db
def test_the_letter_says_status_components_and_words_and_carries_no_internal_title(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    component = make_component(key="checkout", name="Checkout <1>")
    released(cast, title="CANARY-INTERNAL", components=[component])
    send()
    letter = sink.letter_to("anna@example.com")
    text, html = parts(letter)
    assert letter["Subject"] == "Checkout is failing"
    assert "Some payments fail. We are on it." in text
    assert "Status: Investigating" in text
    assert "Checkout <1>" in text
    assert "Checkout &lt;1&gt;" in html
    assert "CANARY" not in letter.as_string()


@pytest.mark.django_db
def test_only_colleagues_read_of_components_that_are_not_public(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    subscribers("colleague@example.com", audiences=("internal",), kind="person")
    components = [make_component(name="Checkout"), make_component(name="CANARY-DB", is_public=False)]
    released(cast, components=components)
    send()
    assert "Checkout" in parts(sink.letter_to("anna@example.com"))[0]
    assert "CANARY" not in sink.letter_to("anna@example.com").as_string()
    for text in parts(sink.letter_to("colleague@example.com")):
        assert "CANARY-DB" in text


@pytest.mark.django_db
def test_one_click_unsubscribing_is_offered_as_rfc_8058_says(cast: Cast, sink: Sink) -> None:
    (anna,) = subscribers("anna@example.com")
    released(cast)
    send()
    letter = sink.letter_to("anna@example.com")
    address = link_for(anna.pk, Audience.objects.get(key="customers").pk)
    assert letter["List-Unsubscribe"] == f"<{address}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Id"] == "<customers.localhost>"
    assert letter["To"] == "anna@example.com"
    text, html = parts(letter)
    assert f"Unsubscribe: {address}\n" in text
    assert f'href="{address}"' in html


def test_markdown_becomes_safe_html() -> None:
    assert to_html("**now** <script>x</script>") == "<p><strong>now</strong> &lt;script&gt;x&lt;/script&gt;</p>\n"
    assert "<img" not in to_html("![i](http://a/b.png)")
    assert "<a" not in to_html("[l](javascript:x)")
    assert 'href="https://a/"' in to_html("[l](https://a/)")


@given(st.text(), st.text(max_size=30), st.text(alphabet="abcXYZ019:-_", min_size=1, max_size=200))
def test_whatever_the_words_the_letter_reads_back(body: str, title: str, token: str) -> None:
    body = "".join(c for c in body if c.isprintable() or c == "\n").replace(UNSUBSCRIBE_PLACE, "")
    title = "".join(c for c in title if c.isprintable()).strip() or "x"
    text = f"{body}\nUnsubscribe: {UNSUBSCRIBE_PLACE}\n"
    letter = build(headers={"Subject": " ".join(title.split())}, text=text, html=f'<a\nhref="{UNSUBSCRIBE_PLACE}">x</a>\n')
    raw = letter.addressed("To: a@example.com\r\n", f"http://h/{token}")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    read_back, html = parts(read(raw))
    assert f"Unsubscribe: http://h/{token}\n" in read_back
    assert f'href="http://h/{token}"' in html
    assert read(raw)["Subject"] == " ".join(title.split())


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@example.com", "a\nb", "a\x00b", "a\rb"])
def test_a_header_value_with_a_line_break_or_nul_is_refused(bad: str) -> None:
    with pytest.raises(UnsafeHeader):
        safe_header(bad)
    with pytest.raises(UnsafeHeader):
        build(headers={"Subject": bad}, text="", html="")


def test_the_same_instant_in_words_of_several_zones() -> None:
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert in_words(at, zone_named("UTC")) == "2 Mar 2026, 23:30 UTC"
    assert in_words(at, zone_named("Europe/Berlin")) == "3 Mar 2026, 00:30 CET (2 Mar, 23:30 UTC)"
    assert in_words(at, zone_named("No/Where")) == "2 Mar 2026, 23:30 UTC"


def test_a_zone_that_equals_utc_at_that_time_is_not_printed_twice() -> None:
    winter, summer = datetime(2026, 3, 2, 10, 48, tzinfo=UTC), datetime(2026, 7, 2, 10, 48, tzinfo=UTC)
    assert in_words(winter, zone_named("Europe/London")) == "2 Mar 2026, 10:48 UTC"
    assert in_words(summer, zone_named("Europe/London")) == "2 Jul 2026, 11:48 BST (10:48 UTC)"
    assert in_words(winter, zone_named("Etc/GMT")) == in_words(winter, zone_named("Africa/Accra")) == "2 Mar 2026, 10:48 UTC"


def test_a_token_of_ours_reads_back_and_a_changed_one_does_not() -> None:
    token = link_for(12, 34).rstrip("/").rpartition("/")[2]
    assert read_token(token) == (12, 34)
    assert read_token(token.replace("12", "13", 1)) is None
    assert read_token("12-34") is None
