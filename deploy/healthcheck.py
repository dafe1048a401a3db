# noqa: INP001 - a script of the image, not a package
"""Asks the web process in this container whether it lives: exit code 0 or 1. For the container's health check.

`python deploy/healthcheck.py /healthz [PORT]`. The request names the first of ALLOWED_HOSTS, for any other host is refused.
"""

import http.client
import os
import sys

SECONDS = 3


def answers(path: str, port: int) -> bool:
    """Whether `path` on this machine answers 200."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not answers(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8000))
