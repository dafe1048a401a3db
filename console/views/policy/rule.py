"""One rule of a draft, written by filling in fields; what it does is said beside them while one types."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.policy_condition import FACT_LABELS, acted, with_errors
from console.forms.policy_fields import CHANNELS, fields_of
from console.forms.policy_order import placed, position_of
from console.forms.policy_rule import NEW_RULE, RuleForm
from console.queries.policy_words import by_names
from console.views.policy.shared import reader, version_and_document
from console.views.support import page, revision_from
from core.clock import utc_now
from core.errors import Conflict, DomainError, Forbidden, NotFound
from policies.models import PolicyVersion
from policies.rules.analysis import problems
from policies.rules.document import InvalidDocument, Rule, parse, read_rule
from policies.rules.explain import sentences
from policies.rules.facts import KNOWN_WORDS, LISTS, NUMBERS, YES_OR_NO
from policies.rules.problems import Problem
from policies.services import save_draft
from stakeholders.queries import audience_keys, audience_names
from templates.models import UpdateTemplate

FACT_GROUPS = (
    ("Words", tuple(KNOWN_WORDS)),
    ("Yes or no", YES_OR_NO),
    ("Times", NUMBERS),
    ("Lists", LISTS),
)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, number: int, key: str | None = None) -> HttpResponse:
    """The rule `key`, or a new one. Buttons that add or remove a condition answer with the same fields and save nothing."""
    actor, version, old = _place(request, number, key)
    is_last = key is not None and version.rules[-1]["key"] == key
    if request.method != "POST":
        return _shown(request, version, key, RuleForm.of(old, is_last=is_last))
    form = RuleForm.typed_in(request.POST, is_last=is_last)
    act = request.POST.get("act", "save")
    if act != "save":
        place = act.partition(":")[2]
        form.tree = acted(form.tree, act, request.POST.get(f"{place}-add", ""))
        return _shown(request, version, key, form)
    return _saved(request, actor, version, key, form)


@page
@require_POST
def explain(request: HttpRequest, number: int, key: str | None = None) -> HttpResponse:
    """What the rule would do as it is typed now, and what is wrong with it."""
    _, version, _ = _place(request, number, key)
    is_last = key is not None and version.rules[-1]["key"] == key
    form = RuleForm.typed_in(request.POST, is_last=is_last)
    return render(request, "console/policy/explained.html", _explained(version, key, form))


def _place(request: HttpRequest, number: int, key: str | None) -> tuple[Actor, PolicyVersion, dict[str, Any]]:
    actor = reader(request)
    actor.require(Permission.POLICY_WRITE)
    version, _ = version_and_document(actor, number)
    if version.state != "draft":
        raise Forbidden(f"Version {version.number} is {version.state} and stays as it is: start a draft from it.")
    old = NEW_RULE if key is None else next((rule for rule in version.rules if rule["key"] == key), None)
    if old is None:
        raise NotFound
    return actor, version, old


def _saved(request: HttpRequest, actor: Actor, version: PolicyVersion, key: str | None, form: RuleForm) -> HttpResponse:
    read, found = _read(version, key, form)
    if not form.typed.get("words") and read is None:
        # Words left empty are written from the rule itself.
        read, found = _read(version, key, form, words="…")
        if read is not None:
            form.typed["words"] = _own_words(read)
            read, found = _read(version, key, form)
    if read is None:
        return _shown(request, version, key, form, found, status=422)
    rules = placed(version.rules, key, read.as_json())
    try:
        parse(rules)
        save_draft(actor=actor, now=utc_now(), version=version, rules=rules, revision=revision_from(request))
    except InvalidDocument as refused:
        return _shown(request, version, key, form, refused.found, status=422)
    except Conflict as error:
        return _shown(request, version, key, form, [Problem(0, "", "", error.message)], status=error.status)
    except DomainError as error:
        return _shown(request, version, key, form, [Problem(0, "", "", error.message)], status=422)
    messages.success(
        request, f"“{read.key}” is saved in draft {version.number}. Nothing changes before the draft is proposed and confirmed."
    )
    return redirect(f"{_version_url(version)}#rule-{read.key}")


def _version_url(version: PolicyVersion) -> str:
    return redirect("console:policy_version", version.number).url


def _own_words(read: Rule) -> str:
    opening, outcome, promise, *_ = sentences(by_names(read, audience_names()))
    return f"{opening} {outcome} {promise}"[:300]


def _read(version: PolicyVersion, key: str | None, form: RuleForm, words: str = "") -> tuple[Rule | None, list[Problem]]:
    found: list[Problem] = []
    item = form.rule(_audiences(form)) | ({"words": words} if words else {})
    return read_rule(item, position_of(version.rules, key), found), found


def _audiences(form: RuleForm) -> list[str]:
    """The audiences there are, and those the rule names besides."""
    named = [key for values in form.lists.values() for key in values]
    typed = [name.removeprefix("template-") for name in form.typed if name.startswith("template-")]
    return list(dict.fromkeys([*audience_keys(), *(key for key in (*named, *typed) if key not in CHANNELS)]))


def _named_audiences(form: RuleForm) -> dict[str, str]:
    names = audience_names()
    return {key: names.get(key, key) for key in _audiences(form)}


def _explained(version: PolicyVersion, key: str | None, form: RuleForm) -> dict[str, Any]:
    words = form.typed.get("words") or "…"
    read, found = _read(version, key, form, words=words)
    flaws = []
    if read is not None:
        try:
            flaws = [flaw for flaw in problems(parse(placed(version.rules, key, read.as_json()))) if flaw.is_mistake]
        except InvalidDocument as refused:
            found = refused.found
    return {
        "sentences": sentences(by_names(read, audience_names())) if read else [],
        "problems": found,
        "flaws": flaws,
        "key": read.key if read else "",
    }


def _shown(
    request: HttpRequest,
    version: PolicyVersion,
    key: str | None,
    form: RuleForm,
    found: "list[Problem] | None" = None,
    *,
    status: int = 200,
) -> HttpResponse:
    explained = _explained(version, key, form)
    errors: dict[str, list[str]] = {}
    for problem in found or []:
        errors.setdefault(problem.part, []).append(problem.text)
    top = with_errors(form.tree, {part: texts for part, texts in errors.items() if part.startswith("when")})
    top += [text for part in ("", "then") for text in errors.get(part, [])]
    context: dict[str, Any] = {
        "version": version,
        "key": key,
        "form": form,
        "typed": form.typed,
        "errors": {part.removeprefix("then."): " ".join(texts) for part, texts in errors.items()},
        "top": top,
        "has_errors": bool(errors),
        "node": form.tree,
        "fact_groups": [(label, [(fact, FACT_LABELS[fact]) for fact in facts]) for label, facts in FACT_GROUPS],
        "template_keys": list(UpdateTemplate.objects.filter(retired_at__isnull=True).values_list("key", flat=True)),
        **fields_of(form, _named_audiences(form), errors),
        **explained,
    }
    return render(request, "console/policy/rule.html", context, status=status)
