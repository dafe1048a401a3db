"""Incoming webhooks of Slack and of Teams (Workflows).

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ ·
https://learn.microsoft.com/power-automate/teams/send-a-message-in-teams
"""

import json
import uuid
from typing import Any

from aiohttp import web

from demo.fakes.journal import Journal, Taken

MOST_BLOCKS = 50
LONGEST_CARD = 28 * 1024


class Slack:
    """Any hook below `/services/`; in `gone` stand those whose app was removed, in `archived` those of a closed channel."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.gone: set[str] = set()
        self.archived: set[str] = set()
        self.says_not_ok = 0

    async def post(self, request: web.Request) -> web.Response:
        """`ok`, or a word for what is wrong; sometimes 200 all the same."""
        hook = request.path
        if hook in self.gone:
            return web.Response(status=404, text="no_service")
        if hook in self.archived:
            return web.Response(status=410, text="channel_is_archived")
        try:
            body = json.loads(await request.read())
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        if word := _wrong(body):
            return web.Response(status=400, text=word)
        if self.says_not_ok:
            self.says_not_ok -= 1
            return web.json_response({"ok": False, "error": "ratelimited"})
        self.journal.take(Taken("slack", hook, uuid.uuid4().hex, title=body.get("text", ""), text=_words(body), extra={"body": body}))
        return web.Response(text="ok")


class Teams:
    """Any flow below `/workflows/`; in `switched_off` stand those that nobody runs any more."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.switched_off: set[str] = set()

    async def post(self, request: web.Request) -> web.Response:
        """202 with nothing in it: whether the card is shown is another matter."""
        if "sig" not in request.query:
            return _flow_error(401, "DirectApiAuthorizationRequired")
        if request.path in self.switched_off:
            return _flow_error(404, "WorkflowNotFound")
        raw = await request.read()
        if len(raw) > LONGEST_CARD:
            return _flow_error(413, "RequestEntityTooLarge")
        try:
            body = json.loads(raw)
            card = body["attachments"][0]["content"]
            good = body["type"] == "message" and card["type"] == "AdaptiveCard" and bool(card["body"])
        except (ValueError, KeyError, IndexError, TypeError):
            good = False
        if not good:
            return _flow_error(400, "TriggerInputSchemaMismatch")
        words = [str(block.get("text", "")) for piece in card["body"] for block in piece.get("items", [piece])]
        self.journal.take(Taken("teams", request.path, uuid.uuid4().hex, title=words[0], text="\n".join(words), extra={"body": body}))
        return web.Response(status=202)


def _wrong(body: dict[str, Any]) -> str:
    blocks = body.get("blocks", [])
    if not body.get("text") and not blocks:
        return "no_text"
    if len(blocks) > MOST_BLOCKS:
        return "invalid_blocks"
    for block in blocks:
        text = block.get("text", {}).get("text", "x")
        limit = 150 if block.get("type") == "header" else 3000
        if not 1 <= len(text) <= limit:
            return "invalid_blocks"
    return ""


def _words(body: dict[str, Any]) -> str:
    return "\n".join(str(block["text"]["text"]) for block in body.get("blocks", []) if "text" in block) or str(body.get("text", ""))


def _flow_error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": "The flow did not run."}}, status=status)
