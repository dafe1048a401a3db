"""What a demo leaves in its data folder for the next start and for `manage`."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.places import ROOT, SetupError


@dataclass(frozen=True, slots=True)
class State:
    """Ports of the latest start, and the addresses of its servers, valid as long as that demo runs."""

    port: int
    page_port: int
    mail_port: int
    database_url: str = ""
    redis_url: str = ""
    providers_port: int = 0

    def save(self, data: Path) -> None:
        temporary = data / "demo.json.new"
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(asdict(self)))
        temporary.replace(data / "demo.json")


def load(data: Path) -> State | None:
    """The state of the latest start; None where there was none."""
    try:
        return State(**json.loads((data / "demo.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


@contextlib.contextmanager
def claimed(data: Path) -> Iterator[bool]:
    """Claim the data folder for as long as the block runs; yields False where another program of ours has it.

    The kernel drops the claim when its holder dies, however that happens. Raises SetupError for an unusable folder.
    """
    try:
        data.mkdir(mode=0o755, parents=True, exist_ok=True)
        (data / "logs").mkdir(exist_ok=True)
        handle = (data / "claim").open("a")
    except OSError as error:
        raise SetupError(f"{data} cannot be used ({error.strerror}): name another folder with --data.") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def environment(data: Path, state: State) -> dict[str, str]:
    """The environment of every process of this demo."""
    console = f"http://127.0.0.1:{state.port}"
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "CELERY_", "GRANIAN_", "GUNICORN_"))},
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "demo.settings",
        "SECRET_KEY": _secret_key(data),
        "DATABASE_URL": state.database_url,
        "REDIS_URL": state.redis_url,
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "CSRF_TRUSTED_ORIGINS": f"{console},http://localhost:{state.port}",
        "CONSOLE_URL": console,
        "PUBLIC_PAGE_URL": f"http://127.0.0.1:{state.page_port}",
        "STATUSPAGE_DIR": str(data / "page"),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(state.mail_port),
        "DEMO_MAIL_DIR": str(data / "mail"),
        **_providers(data, state.providers_port),
    }


def _providers(data: Path, port: int) -> dict[str, str]:
    """The stand-ins for the providers, whatever account of one's own the environment names (`demo.fakes.server`)."""
    address = f"http://127.0.0.1:{port}"
    return {
        "DEMO_PROVIDERS_DIR": str(data / "providers"),
        "DEMO_PROVIDERS_URL": address,
        "SENDGRID_API_URL": address,
        "SENDGRID_API_KEY": "SG.stand-in",
        "SENDGRID_EVENT_KEY_FILE": str(data / "providers" / "event_key"),
        "TWILIO_API_URL": address,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "stand-in-token",
        "TWILIO_FROM": "+15005550006",
        # SendGrid takes no sender of a host alone.
        "DEFAULT_FROM_EMAIL": "Status <status@example.com>",
        "SMS_PRICE_PER_SEGMENT": "0.0079",
    }


def _secret_key(data: Path) -> str:
    path = data / "secret_key"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()
