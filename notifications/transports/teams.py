"""Workflows of Microsoft Teams: an Adaptive Card to a URL. A card of which nobody knows whether it arrived is repeated once."""

from core.clock import utc_now
from notifications.rules.hook_replies import teams_meaning
from notifications.rules.teams import teams_message
from notifications.rules.times import zone_named
from notifications.transports.contract import Answer, Letter
from notifications.transports.http import HttpTransport, answered
from notifications.transports.telling import told


class TeamsTransport(HttpTransport):
    """202 says that the flow runs; that the card is shown is not told."""

    channel = "teams"
    provider = "workflows"
    window = 20
    ambiguous_retries = 1

    def write(self, letter: Letter) -> bytes:
        """A card of at most 28 KB."""
        return teams_message(told(letter), zone_named(letter.zone))

    async def deliver(self, letter: Letter, written: bytes) -> Answer:
        """One POST."""
        reply = await self.out.exchange("POST", letter.address, data=written, headers={"Content-Type": "application/json"})
        return answered(teams_meaning(reply.status), reply.status, reply.headers, f"answered {reply.status}", utc_now())
