"""A provider that takes everything: one fixed answer a request (`python -m bench.http_sink PORT FILE`)."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from tests.support.sinks import free_port, wait_for_port
from tools.places import ROOT


class _Taker(asyncio.Protocol):
    """Reads requests by their Content-Length; bodies are counted, not kept."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.head = bytearray()
        self.left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        while data:
            if self.left:
                taken = min(self.left, len(data))
                self.left, data = self.left - taken, data[taken:]
                if not self.left:
                    self.transport.write(self.answer)
                continue
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            data, self.left = bytes(self.head[end + 4 :]), _length(self.head[:end])
            self.head.clear()
            if not self.left:
                self.transport.write(self.answer)


def _length(head: bytearray) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@contextmanager
def http_sink(status: str, body: bytes = b"", *headers: str) -> Iterator[int]:
    """A process of its own that gives this answer; yields its port."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers, "", ""]
    port = free_port()
    with tempfile.NamedTemporaryFile() as answer:
        Path(answer.name).write_bytes("\r\n".join(lines).encode() + body)
        process = subprocess.Popen([sys.executable, "-m", "bench.http_sink", str(port), answer.name], cwd=ROOT)
        try:
            wait_for_port(port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=15)


async def _serve(port: int, answer: bytes) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Taker(answer), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
