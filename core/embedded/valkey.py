"""One Valkey or Redis server on a Unix socket only."""

import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from core.embedded.account import Account, bare_environment
from core.embedded.process import end, start, wait_until


@dataclass(slots=True)
class Valkey:
    """A server with 64 databases. Its socket lies in `sockets`, a folder closed to everyone but the account (and root)."""

    program: Path
    account: Account
    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket_path(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}?db=0"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start, with what an append-only file kept if durable. Raises EmbeddedError."""
        self.account.own(self.data)
        self._process = start(
            [
                self.program, "--port", "0", "--unixsocket", self.socket_path, "--unixsocketperm", "700", "--dir", self.data,
                "--databases", "64", "--daemonize", "no", "--save", "", "--appendonly", "yes" if self.durable else "no",
            ],
            log=self.log, ending=signal.SIGTERM, account=self.account, env=bare_environment(), cwd=self.data,
        )  # fmt: skip
        wait_until(self.answers, self._process, name="Valkey", log=self.log)

    def stop(self) -> None:
        """Stop; durable data is flushed first."""
        if self._process is not None:
            end(self._process, (signal.SIGTERM, 10.0))
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL). `start` brings it back on the same socket."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def answers(self) -> bool:
        """Whether the server answers PING; while it still reads its file it does not."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2)
                line.connect(str(self.socket_path))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False
