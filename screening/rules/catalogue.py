"""The rules that ship, in words. Detectors name them; `docs/guide/screening.md` lists them."""

from screening.rules.findings import Group, Rule, Severity

_BLOCK, _WARN, _HINT = Severity.BLOCK, Severity.WARN, Severity.HINT

_MAP = "It draws a map of the network for whoever wants in, and tells readers nothing they can use."

IP_ADDRESS = Rule("address.ip", Group.SENSITIVE, _BLOCK, None, "This is the address of a machine.", "one of our servers", _MAP)
IP_NETWORK = Rule("address.network", Group.SENSITIVE, _BLOCK, None, "This is a range of addresses.", "part of our network", _MAP)
HARDWARE_ADDRESS = Rule(
    "address.hardware", Group.SENSITIVE, _BLOCK, None, "This is the hardware address of a device.", "one of our devices", _MAP
)
INTERNAL_HOST = Rule("host.suffix", Group.SENSITIVE, _BLOCK, None, "This is the name of an internal host.", "one of our servers", _MAP)
HOST_BY_PATTERN = Rule("host.pattern", Group.SENSITIVE, _BLOCK, None, "This looks like the name of a machine.", "one of our servers", _MAP)

_GUESS = "A cause that turns out wrong costs more trust than a cause not yet named."
CAUSE = Rule(
    "speculation.cause",
    Group.SPECULATION,
    _WARN,
    _HINT,
    "Names a cause, but no cause is recorded as confirmed.",
    "we are investigating the cause",
    _GUESS,
)
HEDGE = Rule(
    "speculation.hedge", Group.SPECULATION, _HINT, None, "Sounds like a guess. Say what you know and what you are checking.", "", _GUESS
)

TLP = Rule(
    "marker.tlp",
    Group.SENSITIVE,
    _WARN,
    None,
    "A marker that limits who may read this.",
    "",
    "Readers outside take it for a leak, and it may be one (FIRST, Traffic Light Protocol 2.0).",
)
PRIVILEGE = Rule(
    "marker.privilege",
    Group.SENSITIVE,
    _WARN,
    _HINT,
    "A marker of legal privilege or confidentiality.",
    "",
    "What is sent to many is hardly privileged; ask legal whether this may be said at all.",
)
SEVERITY_CODE = Rule(
    "clarity.severity_code",
    Group.CLARITY,
    _WARN,
    None,
    "An internal severity code.",
    "",
    "Readers do not know the scale. Say what they notice instead.",
)

TOO_LONG = Rule(
    "text.too_long", Group.CLARITY, _BLOCK, _BLOCK, "This text is too long to be checked.", "", "What was not checked does not go out."
)


def token_rule(kind: str) -> Rule:
    """The rule for one kind of secret, for instance `AWS Access Key`."""
    return Rule(
        f"token.{kind.lower().replace(' ', '_')}",
        Group.SENSITIVE,
        _BLOCK,
        _BLOCK,
        f"This is a secret ({kind}).",
        "",
        "Whoever reads it can use it. Take it out and replace it where it is in use: it counts as known since it was typed.",
    )


SHIPPED = (
    IP_ADDRESS,
    IP_NETWORK,
    HARDWARE_ADDRESS,
    INTERNAL_HOST,
    HOST_BY_PATTERN,
    CAUSE,
    HEDGE,
    TLP,
    PRIVILEGE,
    SEVERITY_CODE,
    TOO_LONG,
)
