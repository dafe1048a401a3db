"""The console that is watched during a measurement: as in the test suite, with style sheets and scripts served as they lie."""

from statuscomms.settings.base import ROOT
from statuscomms.settings.test import *  # noqa: F403 - a settings module extends its base by name

STATICFILES_DIRS = [ROOT / "ui" / "static"]
WHITENOISE_USE_FINDERS = True
