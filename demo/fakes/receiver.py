"""A customer's own endpoint for signed webhooks, checked with the Standard Webhooks library as its owner would."""

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from demo.fakes.journal import Journal, Taken


class Receiver:
    """Endpoints below `/hook/NAME`. `secrets` holds what each checks signatures with; one without a secret checks nothing.

    `answers` holds the status that a name answers with for good, for instance 410.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.secrets: dict[str, str] = {}
        self.answers: dict[str, int] = {}

    async def post(self, request: web.Request) -> web.Response:
        """200, or 400 for a signature that does not fit."""
        name, body = request.match_info["name"], await request.read()
        if name in self.answers:
            return web.Response(status=self.answers[name])
        if name in self.secrets:
            try:
                Webhook(self.secrets[name]).verify(body, dict(request.headers))
            except WebhookVerificationError as error:
                return web.Response(status=400, text=str(error))
        key = request.headers.get("webhook-id", "")
        self.journal.take(Taken("webhook", name, key, key, text=body.decode(), extra={"headers": dict(request.headers)}))
        return web.Response(text="thank you")
