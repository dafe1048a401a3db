"""What the pages of the policy share."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.queries.policy_words import document_by_names
from console.views.support import refuse, who
from core.errors import DomainError, NotFound
from policies.models import PolicyVersion
from policies.queries import authors_of, document_of, visible_version
from policies.rules.analysis import Flaw, problems
from policies.rules.conditions import ALWAYS
from policies.rules.document import Document, InvalidDocument, Rule
from policies.rules.explain import condition_in_words, consequences_in_words, small_print


def reader(request: HttpRequest) -> Actor:
    """Who asks; raises `NotFound` for who may not read the policy."""
    actor = who(request)
    if not actor.may(Permission.POLICY_READ):
        raise NotFound
    return actor


def version_and_document(actor: Actor, number: int) -> tuple[PolicyVersion, Document]:
    """The version and its rules; raises `NotFound` for neither."""
    version = visible_version(actor, number)
    try:
        return version, document_of(version)
    except InvalidDocument as error:
        # Only a hand in the database writes what is no policy.
        raise NotFound from error


def card(rule: Rule, position: int, flaw: Flaw | None = None) -> dict[str, Any]:
    """A rule as it is shown."""
    quiet = small_print(rule.then)
    return {
        "position": position,
        "key": rule.key,
        "words": rule.words,
        "outcome": rule.then.outcome.value,
        "when": "" if rule.when == ALWAYS else condition_in_words(rule.when),
        # The badge says the first: whether updates are due.
        "then": [sentence for sentence in consequences_in_words(rule.then)[1:] if sentence not in quiet],
        "quiet": quiet,
        "flaw": flaw,
    }


def cards(document: Document) -> list[dict[str, Any]]:
    """Every rule in order, with what keeps it from ever deciding."""
    flaws = {flaw.key: flaw for flaw in problems(document)}
    return [card(rule, position, flaws.get(rule.key)) for position, rule in enumerate(document_by_names(document).all_rules, start=1)]


def people(version: PolicyVersion) -> str:
    """Who wrote it, in words."""
    names = [author.user.get_full_name() for author in authors_of(version)]
    return ", ".join(names) if names else "shipped with the product"


def refused(request: HttpRequest, error: DomainError, number: int) -> HttpResponse:
    """Says why nothing was changed, at the top of the version's page."""
    refuse(request, error)
    return redirect("console:policy_version", number)
