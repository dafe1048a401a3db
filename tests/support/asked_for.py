"""What takes long and is left out of the ordinary run."""

import pytest


def when_asked_for(what: str) -> pytest.MarkDecorator:
    """Skips, saying `what` it is, unless marks are asked for: python3 run.py test -m slow."""
    return pytest.mark.skipif("not config.getoption('markexpr')", reason=f"{what}, when asked for: python3 run.py test -m slow")
