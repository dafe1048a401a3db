"""`python -m demo.fakes --port N --dir DIR --console URL`: every provider, on loopback, until it is told to stop.

`DIR/journal.jsonl` holds what they accepted, `DIR/event_key` what SendGrid's events are checked with. `POST /say` with `from` and
`text` answers a text message.
"""

import argparse
import asyncio
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from demo.fakes.journal import Journal
from demo.fakes.server import Providers, start
from demo.fakes.telling import Teller


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key of the start before, else a new one: an event on its way is not refused for a restart."""
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    made = ec.generate_private_key(ec.SECP256R1())
    path.touch(mode=0o600)
    path.write_bytes(made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return made


async def serve(port: int, folder: Path, console: str) -> None:
    """Serves until it is told to stop."""
    folder.mkdir(parents=True, exist_ok=True)
    providers = Providers(Journal(folder / "journal.jsonl"))
    providers.sendgrid.key = _key(folder / "key.pem")
    (folder / "event_key").write_text(providers.sendgrid.verification_key)
    teller = Teller(providers, console)
    providers.journal.heard = teller.heard

    async def say(request: web.Request) -> web.Response:
        form = await request.post()
        return web.json_response({"status": await teller.say(str(form["from"]), str(form["text"]))})

    await start(providers, port, {"/say": say})
    await asyncio.Event().wait()


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(description="Plays SendGrid, Twilio, Slack, Teams and a webhook's receiver.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--console", required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.dir, arguments.console))


if __name__ == "__main__":
    main()
