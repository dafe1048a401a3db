"""Postfix's smtp-sink, which takes every letter and keeps none."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from tests.support.sinks import free_port, wait_for_port


@contextmanager
def mail_sink(binary: str) -> Iterator[int]:
    """The program `binary` running; this process's settings lead to its port, which is yielded."""
    port = free_port()
    # Root must say whom the server is to become; anyone else stays who they are.
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([binary, *account, f"inet:127.0.0.1:{port}", "1000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield port
    finally:
        process.terminate()
        process.wait(timeout=15)
