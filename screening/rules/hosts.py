"""Names of machines inside: by exact suffix, and by the pattern of a role, an environment and a number."""

import re
from collections.abc import Iterator

from screening.rules.catalogue import HOST_BY_PATTERN, INTERNAL_HOST
from screening.rules.findings import Hit

# RFC 6762 (local), RFC 8375 and ICANN's reserved `internal`; the others are names in wide private use. `svc` is Kubernetes'.
INTERNAL_SUFFIXES = ("internal", "local", "corp", "lan", "svc")

_LABELLED = re.compile(r"(?<![\w.-])[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62})){1,9}(?![\w-])", re.IGNORECASE)
# A path's last part, as in /etc/rc.local, is a file and no host.
_IN_A_PATH = re.compile(r"(?<!/)/$")

_HYPHENED = re.compile(r"(?<![\w-])[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){1,7}(?![\w-])", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:\.[a-z0-9](?:[a-z0-9-]{0,62})){1,6}", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_EC2 = re.compile(r"ip(?:-[0-9]{1,3}){4}")
# An environment that names nothing else …
_ENVIRONMENTS = frozenset({"prod", "prd", "preprod", "stg", "uat", "nonprod"})
# … and one that is also an ordinary word, so that a role has to stand beside it.
_WORDS_AND_ENVIRONMENTS = frozenset({"production", "staging", "stage", "live", "test", "tst", "dev", "qa", "int", "dr", "sandbox"})
# fmt: off
_ROLES = frozenset({
    "api", "app", "apps", "auth", "backend", "bastion", "broker", "build", "cache", "cass", "cassandra", "ceph", "ci", "consul", "cron",
    "db", "dbs", "database", "dc", "dns", "edge", "elastic", "es", "etcd", "frontend", "fw", "gw", "gateway", "haproxy", "hadoop", "jump",
    "k8s", "kafka", "kube", "ldap", "lb", "log", "logs", "mail", "master", "memcached", "metrics", "mon", "mongo", "mongodb", "monitor",
    "mq", "ms", "mx", "mysql", "nas", "nat", "nfs", "nginx", "node", "nodes", "ns", "oracle", "pg", "pgsql", "postgres", "postgresql",
    "primary", "prom", "proxy", "queue", "rabbit", "rabbitmq", "redis", "replica", "router", "rtr", "san", "search", "server", "slave",
    "smtp", "solr", "spark", "sql", "squid", "srv", "ssh", "storage", "store", "svc", "sw", "switch", "vault", "varnish", "vm", "vpn",
    "web", "webserver", "worker", "workers", "ws", "www", "zk", "zookeeper",
})
# fmt: on


def hosts(text: str, *, allowed: tuple[str, ...]) -> Iterator[Hit]:
    """Every name with an internal suffix, and every one of a role, an environment and a number; not those ending in one of `allowed`."""
    for match in _LABELLED.finditer(text):
        name = match[0].lower()
        if (
            ends_in(name, INTERNAL_SUFFIXES)
            and not ends_in(name, allowed)
            and not _IN_A_PATH.search(text, max(0, match.start() - 2), match.start())
        ):
            yield Hit(INTERNAL_HOST, match.start(), match.end())
    for match in _HYPHENED.finditer(text):
        if is_machine(match[0].lower()):
            end = _end_of_name(text, match.end())
            if not ends_in(text[match.start() : end].lower(), allowed):
                yield Hit(HOST_BY_PATTERN, match.start(), end)


def ends_in(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether the name lies under one of the suffixes: whole labels, and at least one before the suffix. A suffix alone is no host."""
    return any(name.endswith(f".{suffix}") for suffix in suffixes)


def is_machine(name: str) -> bool:
    """Whether hyphenated `name` (lower case) has a role, an environment and a number, as `db-prod-3`, `prod-web01` or `eu-api-stg-12`."""
    if _EC2.fullmatch(name):
        return True
    words: list[str] = []
    numbered = False
    for part in name.split("-"):
        letters, digits = _split(part)
        words.append(letters)
        numbered = numbered or (bool(digits) and len(digits) <= 3 and letters != "v")
    if not numbered or _YEAR.search(name):
        return False
    others = [word for word in words if word and word not in _ENVIRONMENTS and word not in _WORDS_AND_ENVIRONMENTS]
    if any(word in _ENVIRONMENTS for word in words):
        return bool(others)
    return any(word in _WORDS_AND_ENVIRONMENTS for word in words) and any(word in _ROLES for word in others)


def _split(part: str) -> tuple[str, str]:
    """A part without the number at its end, and that number."""
    word = part.rstrip("0123456789")
    return word, part[len(word) :]


def _end_of_name(text: str, end: int) -> int:
    """Where the whole name ends when a domain follows, as in `db-prod-3.example.com`."""
    match = _DOMAIN.match(text, end)
    return match.end() if match else end
