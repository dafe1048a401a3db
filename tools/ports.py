"""Ports on the loopback addresses."""

import contextlib
import errno
import socket
import time

IPV4, IPV6 = "127.0.0.1", "::1"


def has_ipv6() -> bool:
    """Whether this machine has the loopback address ::1, which `localhost` may mean."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((IPV6, 0))
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    """Whether nothing listens on this port, on either loopback address."""
    addresses = [(socket.AF_INET, IPV4), *([(socket.AF_INET6, IPV6)] if has_ipv6() else [])]
    for family, address in addresses:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                    return False
                raise
    return True


def becomes_free(port: int, seconds: float) -> bool:
    """Whether the port is free, now or within so many seconds."""
    deadline = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def any_free() -> int:
    """A port that nothing uses at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((IPV4, 0))
        port: int = probe.getsockname()[1]
    return port


def answers(port: int) -> bool:
    """Whether somebody accepts a connection."""
    with contextlib.suppress(OSError), socket.create_connection((IPV4, port), timeout=2):
        return True
    return False
