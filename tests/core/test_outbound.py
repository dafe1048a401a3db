"""The one way out: which addresses are dialled, and how “not sent” is told from “perhaps”."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from core.outbound import AddressRefused, Lost, Outbound, Reply, Unsent
from core.outbound.addresses import networks, refusal
from core.outbound.client import LONGEST_ANSWER
from core.outbound.urls import problem_with
from tests.support.fakes import Outside, providers
from tests.support.sinks import free_port

NEVER = [
    "0.0.0.1", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.168.1.1",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2001::1", "3fff::1", "5f00::1", "fc00::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1",
    "4000::1", "not an address",
]  # fmt: skip


@pytest.mark.parametrize("address", NEVER)
def test_what_is_not_public_is_never_dialled(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "100.63.255.255", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_dialled(address: str) -> None:
    assert refusal(address) == ""


def test_an_operators_own_network_is_dialled_where_it_is_named() -> None:
    allowed = networks(["10.1.0.0/16"])
    assert refusal("10.1.2.3", allowed) == ""
    assert refusal("::ffff:10.1.2.3", allowed) == ""
    assert refusal("10.2.0.1", allowed) == "private"


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_inside_an_ipv6_one(address: Any) -> None:
    assert refusal(str(address)) == refusal(f"::ffff:{address}")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "ftp://example.com/", "https://user:pass@example.com/", "https://user@example.com/", "https:///nowhere",
        "https://example.com:25/", "https://exa mple.com/", "https://example.com/\n", "https://[::1", "https://example.com:99999/", "",
    ],
)  # fmt: skip
def test_a_url_that_is_not_called(url: str) -> None:
    assert problem_with(url)


def test_a_url_that_is_called() -> None:
    assert problem_with("https://example.com:8443/hook?sig=a%20b") == ""
    assert problem_with("http://127.0.0.1:8000/", networks(["127.0.0.0/8"])) == ""
    assert problem_with("http://127.0.0.1:8000/")


@pytest.fixture
def outside() -> Iterator[Outside]:
    with providers() as running:
        yield running


@pytest.fixture
def out() -> Iterator[Outbound]:
    client = Outbound(timeout=2, connections=4)
    yield client
    client.close()


def post(out: Outbound, outside: Outside) -> Reply:
    return out.run(out.exchange("POST", f"{outside.base}/hook/here", data=b"{}"))


def test_a_reply_comes_back_whatever_its_status(out: Outbound, outside: Outside) -> None:
    assert post(out, outside).status == 200
    outside.script("webhook", "503")
    assert post(out, outside).status == 503


def test_without_leave_this_machine_is_not_called(out: Outbound, outside: Outside, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    with pytest.raises(AddressRefused):
        post(out, outside)
    assert outside.requests("webhook") == 0


def test_a_name_that_leads_inside_is_found_out_when_it_is_dialled(
    out: Outbound, outside: Outside, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked up once, and what is dialled is what was checked: no second answer can come between."""
    settings.OUTBOUND_ALLOWED_NETWORKS = []

    def inside(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", outside.port))]

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    with pytest.raises(AddressRefused, match="this machine"):
        out.run(out.exchange("POST", f"https://hooks.example.com:{outside.port}/hook/here", data=b"{}"))
    assert outside.requests("webhook") == 0


def test_where_nobody_listens_nothing_was_sent(out: Outbound) -> None:
    with pytest.raises(Unsent):
        out.run(out.exchange("POST", f"http://127.0.0.1:{free_port()}/", data=b"{}"))


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "slow"])
def test_what_left_and_was_not_answered_may_have_arrived(out: Outbound, outside: Outside, fault: str) -> None:
    outside.script("webhook", fault)
    with pytest.raises(Lost):
        post(out, outside)
    assert outside.requests("webhook") == 1


def test_a_redirect_is_not_followed(out: Outbound, outside: Outside) -> None:
    outside.script("webhook", "redirect")
    assert post(out, outside).status == 302
    assert outside.requests("webhook") == 1


@pytest.mark.parametrize("fault", ["huge", "trickle"])
def test_an_endless_answer_is_cut_off_and_its_status_stands(out: Outbound, outside: Outside, fault: str) -> None:
    outside.script("webhook", fault)
    reply = post(out, outside)
    assert (reply.status, reply.whole) == (200, False)
    assert len(reply.body) <= LONGEST_ANSWER
    assert post(out, outside).status == 200


def test_a_proxy_of_the_environment_is_not_asked(out: Outbound, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert post(out, outside).status == 200
