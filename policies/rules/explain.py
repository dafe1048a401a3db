"""A rule in plain words, made from what it really says."""

from policies.rules.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Not, Op
from policies.rules.decision import Consequences, Decision, Embargo, LongIncident, Outcome
from policies.rules.document import Rule
from stakeholders.rules.channel_words import channel_words

_STATUS_WORDS = {"investigating": "while investigating", "identified": "once the cause is identified", "monitoring": "while monitoring"}
_OUTCOMES = {
    Outcome.REQUIRED: "Updates are required.",
    Outcome.OPTIONAL: "Updates are optional.",
    Outcome.NONE: "No formal updates are due.",
}
_YES_OR_NO = {
    "customer_facing": ("customers can notice it", "customers cannot notice it"),
    "restricted": ("it is restricted", "it is not restricted"),
    "data_breach": ("it is flagged as a data breach", "it is not flagged as a data breach"),
    "regulated_system": ("a regulated system is affected", "no regulated system is affected"),
}
# How a list of words is asked for, and what is said of an empty and of a filled one.
_LISTS = {
    "tags": ("it is tagged {}", "it has no tags", "it has tags"),
    "components": ("the component {} is affected", "no component is affected", "a component is affected"),
    "depended_on_by": ("the audience {} depends on it", "no audience depends on it", "an audience depends on it"),
    "regulatory_flags": ("it bears the regulatory flag {}", "it bears no regulatory flag", "it bears a regulatory flag"),
    "jurisdictions": ("it concerns {}", "no jurisdiction is named", "a jurisdiction is named"),
}
_WORSE = {"outage_scope": ("or more", "or less")}
_NUMBERS = {
    ("elapsed_minutes", Op.AT_LEAST): "it has lasted {} or longer",
    ("elapsed_minutes", Op.AT_MOST): "it has lasted no longer than {}",
    ("elapsed_minutes", Op.IS): "it has lasted exactly {}",
    ("elapsed_minutes", Op.IS_NOT): "it has not lasted exactly {}",
    ("expected_minutes", Op.AT_LEAST): "it is expected to last another {} or longer",
    ("expected_minutes", Op.AT_MOST): "it is expected to be resolved within {}",
    ("expected_minutes", Op.IS): "it is expected to be resolved in exactly {}",
    ("expected_minutes", Op.IS_NOT): "it is not expected to be resolved in exactly {}",
}


def in_words(rule: Rule) -> str:
    """The whole rule: when it applies, and what then."""
    return " ".join(sentences(rule))


def sentences(rule: Rule) -> list[str]:
    """The same, sentence by sentence."""
    opening = "In every other case." if rule.when == ALWAYS else f"When {condition_in_words(rule.when)}."
    return [opening, *consequences_in_words(rule.then)]


def condition_in_words(condition: Condition) -> str:
    """The condition as a phrase that follows *when*."""
    if isinstance(condition, Comparison):
        return comparison_in_words(condition)
    if isinstance(condition, Not):
        inner = condition.part
        if isinstance(inner, AnyOf):
            return f"none of these holds: {'; '.join(_nested(part) for part in inner.parts)}"
        return f"it is not so that {_nested(inner)}"
    if not condition.parts:
        return "anything is the case"
    return (" and " if isinstance(condition, AllOf) else " or ").join(_nested(part) for part in condition.parts)


def comparison_in_words(comparison: Comparison) -> str:
    """One comparison, for instance *severity is SEV1 or SEV2*."""
    fact, op, value = comparison.fact, comparison.op, comparison.value
    if fact in _YES_OR_NO:
        return _YES_OR_NO[fact][0 if value is (op is Op.IS) else 1]
    if fact in _LISTS:
        if isinstance(value, tuple):
            return _LISTS[fact][0].format(joined(value, "or" if op is Op.INCLUDES_ANY else "and"))
        return _LISTS[fact][1 if value else 2]
    if op is Op.IS_EMPTY:
        return "nobody has said when it will be resolved" if value else "somebody has said when it will be resolved"
    if (fact, op) in _NUMBERS and isinstance(value, int):
        return _NUMBERS[fact, op].format(span(value))
    return f"{fact_name(fact)} {_word_comparison(comparison)}"


def _word_comparison(comparison: Comparison) -> str:
    value = comparison.value
    words = tuple(word.replace("_", " ") for word in (value if isinstance(value, tuple) else (str(value),)))
    if comparison.op in {Op.AT_LEAST, Op.AT_MOST}:
        worse, milder = _WORSE.get(comparison.fact, ("or worse", "or milder"))
        return f"is {words[0]} {worse if comparison.op is Op.AT_LEAST else milder}"
    if comparison.op in {Op.IS, Op.IN}:
        return f"is {joined(words, 'or')}"
    return f"is {'neither ' if len(words) > 1 else 'not '}{joined(words, 'nor')}"


def consequences_in_words(then: Consequences) -> list[str]:
    """What follows, one sentence each; what is as usual goes unsaid."""
    said = [_OUTCOMES[then.outcome], _promise(then)]
    said += [
        f"For {key} the next update is promised {cadence_in_words(cadence)}."
        for key, cadence in sorted(then.cadence_by_audience.items())
        if cadence
    ]
    said += _long(then.long_incident)
    if then.promise_bounds:
        fewest, most = then.promise_bounds
        said.append(f"Promising less than {span(fewest)} or more than {span(most)} needs a reason.")
    said.append(f"Goes to {joined(then.audiences, 'and')}." if then.audiences else "Names no audience.")
    said.append(_watching(then))
    said.append(_reviews(then))
    if then.urgency:
        own = "" if isinstance(then, Decision) else ", whatever its severity and impact"
        said.append(f"It is told with {then.urgency} urgency{own}.")
    if then.forbidden_channels:
        said.append(f"Never sent by {joined([channel_words(one) for one in then.forbidden_channels], 'or')}.")
    said += _embargo(then.embargo)
    said += [f"The first draft for {key} starts from the template “{name}”." for key, name in sorted(then.required_templates.items())]
    said.append(
        f"A dispute is ruled on within {span(then.arbiter_minutes)}; an override is ratified within {span(then.ratify_within_minutes)}; "
        f"a release more than {span(then.late_bound_minutes)} late waits for a person."
    )
    if then.override_fills_legal:
        said.append("An override by somebody with the legal role stands in for legal's review.")
    return said


def small_print(then: Consequences) -> list[str]:
    """Of `consequences_in_words`, what one looks up and need not have in view."""
    quiet = ("Promising less than", "While it is only watched", "A dispute is ruled on")
    return [sentence for sentence in consequences_in_words(then) if sentence.startswith(quiet)]


def cadence_in_words(cadence: dict[str, int]) -> str:
    """For instance *within 15 min while investigating and 1 h while monitoring*."""
    given = [f"{span(cadence[status])} {words}" for status, words in _STATUS_WORDS.items() if status in cadence]
    return f"within {joined(given, 'and')}"


def span(minutes: int) -> str:
    """Minutes as people say them: *45 min*, *1 h 30 min*, *3 days*."""
    if minutes >= 2 * 24 * 60 and minutes % (24 * 60) == 0:
        return f"{minutes // (24 * 60)} days"
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, [f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else ""]))


def joined(words: "tuple[str, ...] | list[str]", last: str) -> str:
    """For instance *a, b and c*."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def fact_name(fact: str) -> str:
    """The fact's name as people say it."""
    return fact.replace("_", " ")


def _nested(condition: Condition) -> str:
    words = condition_in_words(condition)
    return (
        words if isinstance(condition, Comparison) or (isinstance(condition, AllOf | AnyOf) and len(condition.parts) < 2) else f"({words})"
    )


def _promise(then: Consequences) -> str:
    if not then.cadence:
        return "No next update is promised."
    if_any = "" if then.outcome is Outcome.REQUIRED else "If one is published, "
    opening = "the next update is promised" if if_any else "The next update is promised"
    return f"{if_any}{opening} {cadence_in_words(then.cadence)}."


def _long(long: LongIncident | None) -> list[str]:
    return [f"From {span(long.after_minutes)} on the next one is promised {cadence_in_words(long.cadence)}."] if long else []


def _watching(then: Consequences) -> str:
    told = joined(then.watching_audiences, "and") if then.watching_audiences else "colleagues alone"
    public = "the public may be told" if then.publishes_watching else "nothing is published"
    return f"While it is only watched, {told} may be told and {public}."


def _reviews(then: Consequences) -> str:
    reviews = [f"{review.kind.replace('_', ' ')} within {span(review.window_minutes)}" for review in then.reviews]
    trained = ", by people whose training is current" if then.training_required else ""
    return f"Reviewed by {joined(reviews, 'and')}{trained}." if reviews else "Reviewed by nobody."


def _embargo(embargo: Embargo | None) -> list[str]:
    if embargo is None:
        return []
    held = f"Nothing goes to {joined(embargo.audiences, 'or')}" if embargo.audiences else "Nothing goes outside"
    if embargo.until is not None:
        return [f"{held} before {embargo.until.replace('T', ' ').replace('+00:00', ' UTC').replace('Z', ' UTC')}."]
    return [f"{held} in the first {span(embargo.minutes_after_opening or 0)} after the incident was opened."]
