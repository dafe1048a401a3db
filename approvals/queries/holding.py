"""What releasing holding statements for an incident would say, whom it would reach, and what is in the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.models import Release
from approvals.queries.gate import incident_release_facts
from approvals.queries.holds import incident_hold_facts
from approvals.queries.statements import legally_approved, statement_complete
from approvals.rules.reasons import Reason
from approvals.rules.release import beside_approval
from approvals.rules.review import Given
from approvals.rules.statements import StatementFacts, may_release_statements
from approvals.rules.words import Verdict
from core.canonical import canonical_hash
from incidents.models import Incident
from incidents.rules.content import Content, Wording
from incidents.services.covered_update import covered_content, covered_values
from incidents.services.drafting import policy_minutes
from policies.rules.decision import ReviewKind
from stakeholders.queries import internal_audience_keys
from templates.models import HoldingStatementVersion
from templates.rules.render import placeholders, render

LONGEST_TITLE = 200


@dataclass(frozen=True)
class Filled:
    """One statement with the values of one incident. `missing` names variables the incident has no value for."""

    version: HoldingStatementVersion
    values: dict[str, str]
    title: str
    body: str
    missing: tuple[str, ...]

    def facts(self) -> StatementFacts:
        """What the rules read of it. Reads the version's round as it is now."""
        statement = self.version.statement
        return StatementFacts(
            name=statement.name,
            audience=statement.audience_key,
            language=statement.language,
            state=self.version.state,
            expires_at=self.version.expires_at,
            approvals_hold=statement_complete(self.version),
            missing=self.missing,
            overlong=len(self.title) > LONGEST_TITLE,
        )


@dataclass(frozen=True)
class HoldingPlan:
    """What would go out. `seen` names exactly what was shown, the clock aside: a release must name it again."""

    filled: tuple[Filled, ...]
    content: Content
    reasons: tuple[Reason, ...]
    seen: str


def fill_in(incident: Incident, version: HoldingStatementVersion, *, now: datetime, minutes: int | None) -> Filled:
    """The statement's text with the incident's values; only those that the text asks for are kept."""
    audience = version.statement.audience_key
    known = covered_values(incident, audience, now=now, minutes=minutes)
    asked = {name: known[name] for name in placeholders(f"{version.title}\n{version.body}") if name in known}
    title, body = render(version.title, asked), render(version.body, asked)
    return Filled(version, asked, title.text, body.text, tuple(dict.fromkeys([*title.missing, *body.missing])))


def holding_plan(incident: Incident, versions: Iterable[HoldingStatementVersion], now: datetime) -> HoldingPlan:
    """Everything decided over the rows as they are now; a service holds the locks of incident and statements meanwhile."""
    chosen = list(versions)
    minutes = policy_minutes(incident, incident.status, {version.statement.audience_key for version in chosen}, now)
    filled = tuple(fill_in(incident, version, now=now, minutes=minutes) for version in chosen)
    wording: dict[str, dict[str, Wording]] = {}
    for one in filled:
        statement = one.version.statement
        wording.setdefault(statement.audience_key, {})[statement.language] = Wording(one.title, one.body)
    content = covered_content(incident, wording, minutes=minutes)
    about_statements = may_release_statements([one.facts() for one in filled], now=now)
    facts = incident_release_facts(
        incident=incident,
        content=content,
        given=legal_given([one.version for one in filled], content),
        holds=incident_hold_facts(incident),
        at=now,
    )
    return HoldingPlan(filled, content, (*about_statements, *beside_approval(facts)), _seen(incident, filled, minutes))


def legal_given(versions: Iterable[HoldingStatementVersion], content: Content) -> dict[str, Given]:
    """Legal's approval counts for the whole where legal approved every statement that leaves the house."""
    internal = internal_audience_keys()
    outside = [version for version in versions if version.statement.audience_key not in internal]
    if not outside or not all(legally_approved(version) for version in outside):
        return {}
    return {ReviewKind.LEGAL.value: Given(reviewer="legal", verdict=Verdict.APPROVE, content_hash=content.hash())}


def _seen(incident: Incident, filled: Iterable[Filled], minutes: int | None) -> str:
    last = Release.objects.filter(update_of__incident=incident).order_by("-id").values_list("public_id", flat=True).first()
    return canonical_hash(
        {
            "incident": incident.public_id,
            "version": incident.version,
            "last_release": last or "",
            "next_update_minutes": minutes,
            "statements": [
                {
                    "hash": one.version.content_hash,
                    "expires_at": one.version.expires_at.isoformat() if one.version.expires_at else "",
                    "values": {name: value for name, value in sorted(one.values.items()) if name != "now_utc"},
                }
                for one in sorted(filled, key=lambda one: one.version.pk)
            ],
        }
    )
