"""Leaks planted in ordinary updates, in the many ways people write them: at least 99 in 100 are found and marked."""

import base64
import json
import random
import string
from collections.abc import Callable
from ipaddress import IPv6Address

from incidents.rules.content import Wording
from screening.rules.check import check
from screening.rules.findings import ScreeningFacts

CORPUS = 6000
SENTENCES = (
    "Since 13:05 UTC some payments by card fail.",
    "We have found the faulty part and are replacing it.",
    "Customers in Europe may see errors while paying; bank transfer works.",
    "Version 14.2 of the client is not affected.",
    "The next update follows by 14:30 UTC.",
    "Error rates are back to normal, and we keep watching.",
)
CARRIERS = (
    "The host {} was restarted.",
    "Traffic to {} recovers",
    "See {}",
    "({})",
    "“{}”",
    "{}: down",
    "On **{}** and others,",
    "`{}`",
    "{}",
)
ROLES = (
    "db",
    "web",
    "api",
    "cache",
    "redis",
    "kafka",
    "node",
    "worker",
    "lb",
    "auth",
    "search",
    "mail",
    "billing",
    "checkout",
    "k8s",
    "proxy",
)
STRONG = ("prod", "prd", "stg", "uat", "preprod")
SUFFIXES = ("internal", "local", "corp", "lan", "svc", "svc.cluster.local")
Chance = random.Random


def letters(chance: Chance, alphabet: str, count: int) -> str:
    """Random characters, a digit and a letter always among them, as in every real token."""
    found = [chance.choice(alphabet) for _ in range(count)]
    digits, others = [c for c in alphabet if c.isdigit()], [c for c in alphabet if c.isalpha()]
    found[0], found[-1] = chance.choice(others), chance.choice(digits)
    return "".join(found)


ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
URLSAFE = ALNUM + "_-"


def four(chance: Chance) -> str:
    first = chance.choice([(10,), (172, chance.randint(16, 31)), (192, 168), (chance.choice([34, 52, 88, 141, 185]),)])
    return ".".join(str(octet) for octet in (*first, *(chance.randint(0, 255) for _ in range(4 - len(first)))))


def six(chance: Chance) -> str:
    address = IPv6Address(chance.choice([0x2A01 << 112, 0x2600 << 112, 0xFD << 120, 0xFE80 << 112]) | chance.getrandbits(64))
    return chance.choice([str(address), address.exploded, str(address).upper()])


def mac(chance: Chance) -> str:
    pairs = [f"{chance.randint(0, 255):02x}" for _ in range(6)]
    pairs[1] = "fb"
    joined = chance.choice([":", "-"]).join(pairs)
    dotted = ".".join("".join(pairs[at : at + 2]) for at in (0, 2, 4))
    return chance.choice([joined, joined.upper(), dotted])


def host(chance: Chance) -> str:
    name = f"{chance.choice(ROLES)}{chance.choice(['', '-eu', '7'])}"
    return f"{name}.{chance.choice(['', 'payments.', 'shop.eu1.'])}{chance.choice(SUFFIXES)}"


def machine(chance: Chance) -> str:
    role, env, number = chance.choice(ROLES), chance.choice(STRONG), chance.choice(["1", "03", "12", "117"])
    shapes = (
        f"{role}-{env}-{number}",
        f"{env}-{role}-{number}",
        f"{env}-{role}{number}",
        f"eu-{role}-{env}-{number}",
        f"{role}{number}-{env}",
    )
    name = chance.choice(shapes)
    return chance.choice([name, name, name.upper(), f"{name}.example.com"])


def jwt(chance: Chance) -> str:
    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': chance.randint(1, 10**9)})}.{letters(chance, URLSAFE, 43)}"


def pem(chance: Chance) -> str:
    kind = chance.choice(["RSA ", "EC ", "", "OPENSSH ", "ENCRYPTED "])
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{letters(chance, ALNUM, 64)}\n-----END {kind}PRIVATE KEY-----"


def token(chance: Chance) -> str:
    shapes: tuple[Callable[[], str], ...] = (
        lambda: "AKIA" + letters(chance, UPPER, 16),
        lambda: "ASIA" + letters(chance, UPPER, 16),
        lambda: "ghp_" + letters(chance, ALNUM, 36),
        lambda: "github_pat_" + letters(chance, ALNUM + "_", 82),
        lambda: "glpat-" + letters(chance, ALNUM, 20),
        lambda: f"xoxb-{chance.randint(10**11, 10**12)}-{chance.randint(10**11, 10**12)}-{letters(chance, ALNUM, 24)}",
        lambda: "sk_live_" + letters(chance, ALNUM, 24),
        lambda: "AIza" + letters(chance, URLSAFE, 34) + "x",
        lambda: f"SG.{letters(chance, ALNUM, 22)}.{letters(chance, ALNUM, 43)}",
        lambda: "npm token //registry.example.com/:_authToken=npm_" + letters(chance, ALNUM, 36),
        lambda: "AccountKey=" + letters(chance, ALNUM, 86) + "==",
        lambda: f"postgres://reports:{letters(chance, ALNUM, 14)}@db.example.com/reports",
        lambda: "pypi-AgEIcHlwaS5vcmc" + letters(chance, URLSAFE, 90),
        lambda: f"{letters(chance, LOWER, 32)}-us{chance.randint(1, 20)}",
        lambda: f"{chance.randint(10**8, 10**9)}:{letters(chance, ALNUM, 35)}",
        lambda: "password=" + letters(chance, ALNUM + "!#%", 14),
        lambda: "Authorization: Bearer " + letters(chance, ALNUM, 40),
        lambda: jwt(chance),
        lambda: pem(chance),
    )
    return chance.choice(shapes)()


LEAKS: tuple[Callable[[Chance], str], ...] = (
    four,
    lambda chance: f"{four(chance)}/{chance.randint(8, 30)}",
    six,
    mac,
    host,
    machine,
    token,
)


def disguised(chance: Chance, leak: str) -> str:
    """One in five is written as people do who want to get past a filter, or whose editor helps them."""
    ways: tuple[Callable[[str], str], ...] = (
        lambda text: text.replace(".", "[.]"),
        lambda text: text.replace(".", "\u200b."),
        lambda text: text.replace("-", "\u2011"),
        lambda text: text.replace("o", "о").replace("a", "а").replace("e", "е"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text),
    )
    return chance.choice(ways)(leak) if chance.random() < 0.2 else leak


def planted(chance: Chance) -> tuple[Wording, str, int, int]:
    """An update with one leak in its body, and where the leak stands."""
    sentences = chance.sample(SENTENCES, k=chance.randint(1, 5))
    leak = disguised(chance, chance.choice(LEAKS)(chance))
    sentences.insert(chance.randint(0, len(sentences)), chance.choice(CARRIERS).format(leak))
    body = chance.choice([" ", "\n\n", "\n"]).join(sentences)
    start = body.index(leak)
    return Wording("Some checkouts are failing", body), leak, start, start + len(leak)


def test_nearly_every_planted_leak_is_found_in_its_place() -> None:
    chance = random.Random("planted leaks")
    missed = []
    for _ in range(CORPUS):
        wording, leak, start, end = planted(chance)
        found = [one for one in check(wording, ScreeningFacts()) if one.blocks]
        if not any(one.field == "body" and one.start < end and start < one.end for one in found):
            missed.append(leak)
    assert len(missed) <= CORPUS / 100, f"{len(missed)} of {CORPUS}: {missed[:20]}"
