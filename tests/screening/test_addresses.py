"""Addresses are found in every way people write them; versions, times and examples are not taken for one."""

import pytest

from tests.screening.checking import passages


@pytest.mark.parametrize(
    ("text", "passage", "rule"),
    [
        ("We restarted 10.4.2.17.", "10.4.2.17", "address.ip"),
        ("Blocked range 10.4.0.0/16 for now", "10.4.0.0/16", "address.network"),
        ("Reach it at 10.4.2.17:8443 again", "10.4.2.17", "address.ip"),
        ("Zeros in front, 010.004.002.017, are no cover", "010.004.002.017", "address.ip"),
        ("Version 2 runs on 10.4.2.17", "10.4.2.17", "address.ip"),
        ("Defanged 10[.]4[.]2[.]17 reads the same", "10[.]4[.]2[.]17", "address.ip"),
        ("So does 10(dot)4(dot)2(dot)17", "10(dot)4(dot)2(dot)17", "address.ip"),
        ("Invisible 10.\u200b4.2.\u200b17 characters", "10.\u200b4.2.\u200b17", "address.ip"),
        ("Wide digits １０.4.2.17", "１０.4.2.17", "address.ip"),
        ("Arabic digits ١٠.4.2.17", "١٠.4.2.17", "address.ip"),
        ("Escaped 10\\.4\\.2\\.17 in Markdown", "10\\.4\\.2\\.17", "address.ip"),
        ("An entity 10&#46;4.2.17", "10&#46;4.2.17", "address.ip"),
        ("Over 2a01:4f8:c17:b8f::2 too", "2a01:4f8:c17:b8f::2", "address.ip"),
        ("Written out fd12:3456:789a:0001:0000:0000:0000:0017.", "fd12:3456:789a:0001:0000:0000:0000:0017", "address.ip"),
        ("A link local one fe80::1ff:fe23:4567:890a%eth2", "fe80::1ff:fe23:4567:890a%eth2", "address.ip"),
        ("Prefix 2a01:4f8::/32 withdrawn", "2a01:4f8::/32", "address.network"),
        ("Mapped ::ffff:10.4.2.17 as well", "::ffff:10.4.2.17", "address.ip"),
        ("Over 2a01:4f8:c17:b8f::2: down", "2a01:4f8:c17:b8f::2", "address.ip"),
        ("Gateway 3c:22:fb:9a:01:7e: down", "3c:22:fb:9a:01:7e", "address.hardware"),
        ("Port of 3c:22:fb:9a:01:7e flaps", "3c:22:fb:9a:01:7e", "address.hardware"),
        ("Port of 3C-22-FB-9A-01-7E flaps", "3C-22-FB-9A-01-7E", "address.hardware"),
        ("Port of 3c22.fb9a.017e flaps", "3c22.fb9a.017e", "address.hardware"),
    ],
)
def test_an_address_blocks_and_is_marked_exactly(text: str, passage: str, rule: str) -> None:
    assert passages(text) == [(rule, passage)]


@pytest.mark.parametrize(
    "text",
    [
        "We rolled back to version 10.4.2.17.",
        "The fix is in v10.4.2.17 and release 10.4.2.18.",
        "Build 10.4.2.17 is affected",
        "Clients on versions 4.9.0.1, 4.9.0.2 and 4.9.0.3 fail",
        "Figures 300.400.500.600 are no address",
        "Section 1.2.3.4.5 of the report",
        "Use 10.4.2.17-rc1 instead",
        "An example: 192.0.2.4, 198.51.100.7 or 203.0.113.9",
        "An example: 2001:db8::17",
        "Listens on 127.0.0.1 and 0.0.0.0/0",
        "From 10:30:00 to 11:45:10 UTC",
        "The call std::dec and a::b",
        "Reference 2024-10-12-14-30-55 and 1234.5678.9012",
        "Between 02:15 and 03:40, 2:1 ratio",
    ],
)
def test_what_is_no_address_says_nothing(text: str) -> None:
    assert passages(text) == []


def test_colleagues_may_read_addresses() -> None:
    assert passages("We restarted 10.4.2.17 and 3c:22:fb:9a:01:7e", internal=True) == []
