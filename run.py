#!/usr/bin/env python3
"""Sets everything up and runs it, on a machine with nothing but Python 3.11 or newer.

python3 run.py demo [--port 8000] [--page-port 8001] [--data DIR]     the product with a story in it
python3 run.py manage [--data DIR] COMMAND …                          a management command against that demo
python3 run.py test [--install-browser] [pytest arguments]            everything that is checked
python3 run.py check                                                  the fast half, without the tests
python3 run.py bench [NAME …]                                         measurements beside a yardstick
python3 run.py faults [NAME …] [--short] [--rows N]                   breaks things around a release and counts what arrives
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - it is met by whatever Python the machine has
    sys.exit("statuscomms needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])  # noqa: UP031 - see above

# Only a Python that is new enough can read this.
from tools.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
