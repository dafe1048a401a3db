"""What the providers tell the product afterwards, as the real ones do: by calls from outside, signed, a moment later."""

import asyncio

import aiohttp

from demo.fakes.journal import Taken
from demo.fakes.sendgrid import event
from demo.fakes.server import Providers
from demo.fakes.twilio import UNDELIVERED

SOON = 1.0


class Teller:
    """Calls the console at its address. What it cannot deliver is not told again."""

    def __init__(self, providers: Providers, console: str) -> None:
        self.providers, self.console = providers, console
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, taken: Taken) -> None:
        """Starts to tell of it, where its provider does."""
        told = {"sendgrid": self._sendgrid, "twilio": self._twilio}.get(taken.provider)
        if told is not None:
            task = asyncio.get_running_loop().create_task(told(taken))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def say(self, sender: str, text: str) -> int:
        """Somebody answers a text message; returns the product's status."""
        url = f"{self.console}/hooks/twilio/inbound/"
        form, headers = self.providers.twilio.inbound(url, sender=sender, text=text)
        return await self._post(url, data=form, headers=headers)

    async def _twilio(self, taken: Taken) -> None:
        await asyncio.sleep(SOON)
        url = str(taken.extra["callback"])
        error = next((code for code in UNDELIVERED if taken.to.endswith(code)), "")
        for status in ("sent", "undelivered" if error else "delivered"):
            form, headers = self.providers.twilio.status_callback(url, taken.id, status, error if status == "undelivered" else "")
            await self._post(url, data=form, headers=headers)

    async def _sendgrid(self, taken: Taken) -> None:
        await asyncio.sleep(SOON)
        gone = taken.to.partition("@")[0] == "gone"
        news = event("bounce", taken, type="bounce", status="5.1.1") if gone else event("delivered", taken)
        body, headers = self.providers.sendgrid.signed([news])
        await self._post(f"{self.console}/hooks/sendgrid/events/", data=body, headers=headers)

    async def _post(self, url: str, *, data: dict[str, str] | bytes, headers: dict[str, str]) -> int:
        try:
            async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=headers) as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0
