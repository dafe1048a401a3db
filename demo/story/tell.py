"""The whole story, in order."""

import json
from datetime import datetime, timedelta

from accounts.actors import person, system
from demo.story.catalogue import tell_catalogue
from demo.story.incidents import Teller, tell_live, tell_resolved
from demo.story.people import tell_people
from demo.story.roster import tell_roster
from demo.story.second_factors import tell_second_factors
from demo.story.statements import tell_statements
from incidents.models import Incident
from incidents.services import change_incident
from integrations.alertmanager.receive import receive
from integrations.models import HookToken


def tell(now: datetime, token: HookToken) -> None:
    """People, components, subscribers; an incident that ended yesterday and one that an alert opened minutes ago."""
    storyteller = system("demo")
    yesterday = now - timedelta(hours=20)
    users = tell_people(actor=storyteller, now=yesterday - timedelta(days=1))
    tell_second_factors(now=yesterday - timedelta(days=1), users=users)
    tell_roster(actor=storyteller, now=yesterday - timedelta(days=1), users=users)
    tell_catalogue(actor=storyteller, now=yesterday - timedelta(days=1))
    tell_statements(users=users, now=yesterday - timedelta(hours=23))
    teller = Teller(users)
    tell_resolved(teller, yesterday)
    tell_live(teller, _alerted(teller, token, now - timedelta(minutes=12)), now)


def _alerted(teller: Teller, token: HookToken, at: datetime) -> Incident:
    """What Alertmanager's notification opened, and Casey took over."""
    labels = {"alertname": "CheckoutErrors", "service": "checkout", "severity": "critical"}
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": "Checkout errors above 5 % for five minutes"},
        "startsAt": at.isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "5d0c2f0e7a1b9c33",
    }
    body = {
        "version": "4",
        "groupKey": '{}:{alertname="CheckoutErrors"}',
        "status": "firing",
        "receiver": "statuscomms",
        "groupLabels": {"alertname": "CheckoutErrors"},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.com",
        "truncatedAlerts": 0,
        "alerts": [alert],
    }
    receive(now=at, token=token, body=json.dumps(body).encode())
    incident = Incident.objects.latest("pk")
    commander = teller.users["commander"]
    return change_incident(actor=person(commander), now=at + timedelta(minutes=1), incident_id=incident.pk, commander=commander)
