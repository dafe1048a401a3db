"""The form of keys and tags."""

import re

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
TAG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
