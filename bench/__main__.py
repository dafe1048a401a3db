"""Run the measurement named, or all: each module of this package with a ``main`` is one."""

import importlib
import pkgutil
import sys

import bench

_OTHERS = {"__main__", "calls", "console_settings", "crowd", "http_sink", "letters", "mail_sink", "mail_tasks", "ready", "scene", "support"}


def main(arguments: list[str]) -> int:
    """Run the measurements named in `arguments` (all when empty); 1: one could not be taken, 2: a wrong name."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in _OTHERS)
    unknown = [name for name in arguments if name not in names]
    if unknown:
        print(f"no measurement called {', '.join(unknown)}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    taken = [importlib.import_module(f"bench.{name}").main() for name in arguments or names]
    return 0 if all(taken) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
