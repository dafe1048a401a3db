"""The whole story, in order."""

from datetime import datetime, timedelta

from accounts.actors import system
from demo.story.catalogue import tell_catalogue
from demo.story.incidents import Teller, tell_live, tell_resolved
from demo.story.people import tell_people


def tell(now: datetime) -> None:
    """People, components, subscribers; an incident that ended yesterday and one that an alert opened minutes ago."""
    storyteller = system("demo")
    yesterday = now - timedelta(hours=20)
    users = tell_people(actor=storyteller, now=yesterday - timedelta(days=1))
    tell_catalogue(actor=storyteller, now=yesterday - timedelta(days=1))
    teller = Teller(users)
    tell_resolved(teller, yesterday)
    tell_live(teller, alert(teller, now - timedelta(minutes=12)), now)
