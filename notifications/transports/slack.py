"""Incoming webhooks of Slack, by Slack's own SDK. A message of which nobody knows whether it arrived is repeated once."""

import logging
from typing import Any

from slack_sdk.webhook.async_client import AsyncWebhookClient

from core.clock import utc_now
from core.outbound.client import told_apart
from notifications.rules.hook_replies import slack_meaning, slack_word
from notifications.rules.slack import slack_message
from notifications.rules.times import zone_named
from notifications.transports.contract import Answer, Letter
from notifications.transports.http import HttpTransport, answered
from notifications.transports.telling import told

# The SDK writes addresses, which are secrets, into its debugging log.
_silent = logging.getLogger("slack_sdk.webhook")
_silent.setLevel(logging.WARNING)


class SlackTransport(HttpTransport):
    """Slack answers 200 to what it does not take, too: the word in the answer counts."""

    channel = "slack"
    provider = "incoming"
    window = 20
    ambiguous_retries = 1

    def write(self, letter: Letter) -> dict[str, Any]:
        """Blocks, and a line for those who hear or glance."""
        return slack_message(told(letter), zone_named(letter.zone))

    async def deliver(self, letter: Letter, written: dict[str, Any]) -> Answer:
        """Through the guarded session, and without the SDK's own second try, which could double."""
        await self.out.check(letter.address)
        client = AsyncWebhookClient(letter.address, session=await self.out.session(), retry_handlers=[], logger=_silent)
        # The SDK looks for a proxy in the environment.
        client.proxy = None
        try:
            reply = await client.send_dict(written)
        except Exception as error:
            raise told_apart(error) from error
        word = slack_word(reply.body)
        return answered(slack_meaning(reply.status_code, word), reply.status_code, reply.headers, word, utc_now())
