"""All providers behind one address of this machine."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from demo.fakes.chat import Slack, Teams
from demo.fakes.faults import Handler, misbehave
from demo.fakes.journal import Journal
from demo.fakes.receiver import Receiver
from demo.fakes.sendgrid import SendGrid
from demo.fakes.twilio import Twilio

API_KEY = "SG.stand-in"
ACCOUNT, TOKEN = "AC" + "0" * 32, "stand-in-token"


@dataclass
class Providers:
    """The stand-ins; `scripts` holds per provider what its next requests meet (`demo.fakes.faults`), `requests` how many came."""

    journal: Journal
    scripts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    requests: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.sendgrid = SendGrid(self.journal, API_KEY)
        self.twilio = Twilio(self.journal, ACCOUNT, TOKEN)
        self.slack = Slack(self.journal)
        self.teams = Teams(self.journal)
        self.receiver = Receiver(self.journal)

    def application(self) -> web.Application:
        """The addresses."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        messages = "/2010-04-01/Accounts/{account}/Messages"
        app.router.add_post("/v3/mail/send", self._scripted("sendgrid", self.sendgrid.mail_send))
        app.router.add_post(f"{messages}.json", self._scripted("twilio", self.twilio.create))
        app.router.add_get(f"{messages}.json", self._scripted("twilio_list", self.twilio.listed))
        app.router.add_get(messages + "/{sid}.json", self._scripted("twilio_list", self.twilio.fetched))
        app.router.add_post("/services/{team}/{hook}/{secret}", self._scripted("slack", self.slack.post))
        app.router.add_post("/workflows/{flow}/triggers/manual/paths/invoke", self._scripted("teams", self.teams.post))
        app.router.add_post("/hook/{name}", self._scripted("webhook", self.receiver.post))
        return app

    def _scripted(self, provider: str, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.requests[provider] += 1
            script = self.scripts[provider]
            return await misbehave(script.pop(0), request, handler) if script else await handler(request)

        return handle


async def start(providers: Providers, port: int, more: Mapping[str, Handler] | None = None) -> Callable[[], Awaitable[None]]:
    """Listens on 127.0.0.1; returns what ends it, to be awaited. `more` are further addresses to post to."""
    application = providers.application()
    for path, handler in (more or {}).items():
        application.router.add_post(path, handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner.cleanup
