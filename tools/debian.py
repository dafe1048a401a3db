"""Programs the tests want beside Python's packages, from Debian's package manager, where that is welcome."""

import os
import shutil
import subprocess

from tools.places import say

# What each test wants: the programs, any of which will do, and the Debian package that brings one.
BROWSER = (("chromium", "chromium-browser", "google-chrome"), "chromium")
OTHERS = (
    (("prometheus-alertmanager",), "prometheus-alertmanager", "the run from a real Alertmanager"),
    (("nginx",), "nginx-light", "the public page behind nginx"),
)
SEARCHED = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"


def provide(*, install: bool) -> bool:
    """Install what is missing if `install`, else say what will be skipped. Returns whether there is a browser."""
    programs, package = BROWSER
    browser = _have(programs) or (install and _install(package) and _have(programs))
    if not browser:
        how = "could not be installed" if install else "is not installed"
        say(f"SKIPPED: the browser tests, for Chromium {how} (python3 run.py test --install-browser, or apt-get install chromium).")
    for names, package, purpose in OTHERS:
        if not _have(names) and not (install and _install(package) and _have(names)):
            say(f"SKIPPED: {purpose}, for {names[0]} is not installed (apt-get install {package}).")
    return browser


def _have(programs: tuple[str, ...]) -> bool:
    return any(shutil.which(program, path=SEARCHED) for program in programs)


def _install(package: str) -> bool:
    """Install a Debian package as root, or by sudo where that asks for no password."""
    apt = shutil.which("apt-get")
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not apt or (sudo and not shutil.which("sudo")):
        say(f"{package} cannot be installed here: that takes Debian's apt-get and root.")
        return False
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = [*sudo, apt, "install", "--yes", "--no-install-recommends", package]
    say(f"Installing {package} …")
    for command in (install, [*sudo, apt, "update"], install):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode == 0 and command is install:
            return True
    say(f"{package} could not be installed:\n{done.stderr.strip()}")
    return False
