"""The page process: serves a snapshot folder from memory, and needs nothing else to be alive.

Run it as::

    STATUSPAGE_DIR=/srv/page granian --interface rsgi --host 127.0.0.1 --port 8001 --no-ws \\
        statuspage.page_process:app

It knows neither Django nor the database nor any other package of ours; the layout of the folder and how an address
finds its file are written down in ``statuspage.snapshot``. A new version is served within a quarter of a second of the
swap of ``current``. A version that is incomplete or damaged is ignored and the one before it kept; with none at all
every address answers 503 until the first appears. ``/healthz`` always answers 200.
"""

import os

from statuspage.page_process.application import PageProcess

app = PageProcess(os.environ.get("STATUSPAGE_DIR"))
