"""Any filter that can be written, and any entry of the register, for tests by property. The words are few, so that they meet."""

from typing import Any

from hypothesis import strategies as st

from stakeholders.rules.filters import FACTS, Entry, ops_of

WORDS = {
    "tier": ("strategic", "key", "standard"),
    "kind": ("person", "team", "customer", "regulator"),
    "region": ("eu", "us"),
    "language": ("en", "en-GB", "de"),
    "component": ("checkout", "login"),
    "tag": ("beta", "edu"),
}
ENTRIES = st.builds(
    Entry,
    kind=st.sampled_from(WORDS["kind"]),
    language=st.sampled_from((*WORDS["language"], "de-AT", "fr")),
    tier=st.sampled_from(("", *WORDS["tier"])),
    region=st.sampled_from(("", *WORDS["region"])),
    component=st.frozensets(st.sampled_from(WORDS["component"])),
    tag=st.frozensets(st.sampled_from((*WORDS["tag"], "vip"))),
)


@st.composite
def _tests(draw: st.DrawFn) -> dict[str, Any]:
    fact = draw(st.sampled_from(FACTS))
    op = draw(st.sampled_from(ops_of(fact)))
    value: Any = draw(st.booleans()) if op == "is_empty" else draw(st.lists(st.sampled_from(WORDS[fact]), min_size=1, max_size=2))
    return {"fact": fact, "op": op, "value": value}


FILTERS = st.recursive(
    _tests(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
).filter(lambda written: _depth(written) <= 6)


def _depth(written: dict[str, Any]) -> int:
    inner = [written["not"]] if "not" in written else written.get("all") or written.get("any") or []
    return 1 + max((_depth(part) for part in inner), default=0)
