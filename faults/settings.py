"""Settings of workers that are guarded against a restored database, as in production; else those of the other scenarios."""

from statuscomms.settings.base import env
from statuscomms.settings.test import *  # noqa: F403 - a settings module extends its base by name

INSTALLATION_FILE = env.str("INSTALLATION_FILE")
