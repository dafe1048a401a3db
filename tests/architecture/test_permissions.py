"""Every address asks for what its row in `permission_table` says: of each person of the cast, and of someone not signed in."""

from collections.abc import Iterator

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Delegation, TrainingRecord
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission, Role, permissions_of
from approvals.models import Dispute, Override, ReleaseHold
from approvals.queries.links import token_of
from audit.queries import entries
from incidents.models import Incident
from incidents.services import start_dry_run
from policies.queries import active_policy
from policies.services import start_draft
from screening.queries import active_rule_set
from stakeholders.models import Audience, ContactPoint, Stakeholder
from templates.models import UpdateTemplate
from tests.approvals.disputing import dispute_on, hold_on, overridden_on
from tests.architecture.permission_table import A_HOOKS_TOKEN, ANYONE, ONES_OWN, SIGNED_IN, TABLE, WHAT_ONE_MAY_SEE, WHOM_IT_NAMES
from tests.support.cast import NOW, PEOPLE, Cast
from tests.support.escalation import escalation_things
from tests.support.factories import INTERNAL_WORDS, make_component
from tests.support.holding import write_statement
from tests.support.lists import imported
from tests.support.releases import released, subscribers
from tests.support.roster import away, handed_over

ANONYMOUS = "someone not signed in"
REFUSED = {401, 403, 404, 405}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(set(routes())) == sorted(TABLE)


@pytest.fixture
def addresses(cast: Cast) -> dict[str, str]:
    """Each route with the ids of things that are there."""
    subscribers("reader@example.com")
    release = released(cast)
    update = release.revision.update_of
    statement = write_statement(cast).statement
    trial = start_dry_run(actor=cast.actor("admin"), now=NOW, version=active_policy())
    endpoint = ContactPoint.objects.create(
        stakeholder=Stakeholder.objects.earliest("pk"), kind="webhook", address="https://example.com/hook", created_at=NOW
    )
    ids = {
        "/components/<str:public_id>": make_component().public_id,
        "/imports/<str:public_id>": imported(cast).public_id,
        "/stakeholders/<str:public_id>": Stakeholder.objects.earliest("pk").public_id,
        "/audiences/<str:public_id>": Audience.objects.earliest("pk").public_id,
        "/audiences/<slug:key>": Audience.objects.earliest("pk").key,
        "/routing/<slug:urgency>": "critical",
        "/critical/<slug:key>": Audience.objects.earliest("pk").key,
        "/policies/<int:number>": str(active_policy().number),
        "/holding-statements/<str:public_id>": statement.public_id,
        "/holding/<str:statement_id>": statement.public_id,
        "/dry-runs/<int:run>": str(trial.pk),
        "/dry-run/<int:run>": str(trial.pk),
        # A draft, for its rules to be written.
        "/policy/<int:number>": str(start_draft(actor=cast.actor("admin"), now=NOW, based_on=active_policy()).number),
        "/rules/<slug:key>": "watching",
        "/rule-sets/<int:number>": str(active_rule_set().number),
        "/templates/<str:public_id>": UpdateTemplate.objects.earliest("pk").public_id,
        "/templates/<str:template_id>": UpdateTemplate.objects.earliest("pk").public_id,
        "/incidents/<str:public_id>": update.incident.public_id,
        "/incidents/<slug:public_id>": update.incident.public_id,
        "/updates/<str:public_id>": update.public_id,
        "/updates/<slug:public_id>": update.public_id,
        "/updates/<str:update_id>": update.public_id,
        "/releases/<str:public_id>": release.public_id,
        "/releases/<str:release_id>": release.public_id,
        "/disputes/<str:dispute_id>": dispute_on(cast, update.incident).public_id,
        "/disputes/<str:public_id>": Dispute.objects.latest("pk").public_id,
        "/overrides/<str:override_id>": overridden_on(cast, update.incident).public_id,
        "/overrides/<str:public_id>": Override.objects.latest("pk").public_id,
        "/holds/<str:hold_id>": hold_on(cast, update).public_id,
        "/holds/<str:public_id>": ReleaseHold.objects.latest("pk").public_id,
        "/entries/<int:index>": str(entries().earliest("index").index),
        "unsubscribe/<str:token>": "unsubscribe/no-such-token",
        "confirm/<str:token>": "confirm/no-such-token",
        "answer/<str:token>": "answer/no-such-token",
        "r/<str:token>": token_of(release.round.slots.get(kind="technical").pk, cast.techlead.pk) if release.round else "",
        "/tokens/<str:token_id>": "no-such-token",
        "/claims/<str:kind>": "technical",
        "/keys/<int:pk>": "1",
        "/addresses/<int:row>": str(ContactPoint.objects.earliest("pk").pk),
        "/channels/<slug:channel>": "email",
        "/<slug:provider>": "smtp",
        "/webhook-secrets/<int:row>": str(endpoint.pk),
        "/roster/absences/<int:row>": str(away(cast.techlead).pk),
        "/roster/handovers/<int:row>": str(handed_over(Duty.TECHNICAL, cast.techlead, cast.techlead2).pk),
        "/roster/delegations/<int:row>": str(Delegation.objects.latest("pk").pk),
        "/roster/training/<int:row>": str(TrainingRecord.objects.earliest("pk").pk),
    }
    tree, call, drill = escalation_things(cast)
    ids |= {
        "/trees/<slug:key>": tree.key,
        "/escalation-trees/<slug:key>": tree.key,
        "/runs/<slug:public_id>": call.public_id,
        "/escalation-runs/<slug:public_id>": call.public_id,
        "/drills/<slug:public_id>": drill.public_id,
    }
    found = {}
    for route in set(routes()):
        address = "/" + route.removeprefix("^")
        for placeholder, value in ids.items():
            kept = "" if placeholder.startswith(("unsubscribe", "confirm", "answer")) else placeholder[: placeholder.index("<")]
            address = address.replace(placeholder, kept + value)
        assert "<" not in address, f"give {route} the id of something in the fixture `addresses`"
        found[route] = address
    return found


def browser(cast: Cast, name: str) -> Client:
    client = Client()
    if name != ANONYMOUS:
        client.force_login(cast.user(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def may(name: str, row: Permission | str) -> bool:
    if row == ANYONE:
        return True
    if name == ANONYMOUS or row == A_HOOKS_TOKEN:
        return False
    if row == WHOM_IT_NAMES:
        return name == "techlead"
    roles: frozenset[Role] = frozenset(PEOPLE[name])
    return row in {SIGNED_IN, ONES_OWN, WHAT_ONE_MAY_SEE} or row in permissions_of(roles)


def is_refused(answer: HttpResponseBase) -> bool:
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")
    return answer.status_code in REFUSED or to_sign_in


@pytest.mark.parametrize("name", [*sorted(PEOPLE.keys() - {"techlead2", "comms2"}), ANONYMOUS])
def test_reading_takes_what_the_row_says(cast: Cast, addresses: dict[str, str], name: str) -> None:
    client, wrong = browser(cast, name), []
    for route, address in addresses.items():
        answer, row = client.get(address), TABLE[route]
        only_written_to = answer.status_code == 405
        not_there_for_anyone = row in {ANYONE, ONES_OWN} and answer.status_code == 404
        if not only_written_to and not not_there_for_anyone and is_refused(answer) == may(name, row):
            wrong.append(f"{address}: {answer.status_code}, but the row says {row}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("name", ["outsider", ANONYMOUS])
def test_who_may_not_read_may_not_write(cast: Cast, addresses: dict[str, str], name: str) -> None:
    client, wrong = browser(cast, name), []
    for route, address in addresses.items():
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(address, data={}, content_type="application/json")
            # 400: an empty body may be refused before the asker is.
            if not may(name, TABLE[route]) and not is_refused(answer) and answer.status_code != 400:
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("name", ["outsider", ANONYMOUS])
def test_lists_show_nothing_to_who_may_see_nothing(cast: Cast, addresses: dict[str, str], name: str) -> None:
    client = browser(cast, name)
    incident = Incident.objects.get()
    secrets = [incident.title, incident.public_id, INTERNAL_WORDS["body"]]
    for route, address in addresses.items():
        if incident.public_id not in address:
            page = client.get(address, {"q": "Checkout"} if route == "console/search/" else None).content.decode()
            assert not [secret for secret in secrets if secret in page], address


def test_no_administration_changes_rows_past_the_services_and_the_log(cast: Cast) -> None:
    for name in [*PEOPLE, ANONYMOUS]:
        assert browser(cast, name).get("/admin/").status_code == 404, name
