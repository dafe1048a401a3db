"""The compose file, held against settings, commands and addresses. No engine ran it: this is what can be known without one."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from celery.bin.base import CLIContext
from celery.bin.beat import beat
from celery.bin.control import inspect
from celery.bin.worker import worker
from django.core.management import get_commands
from django.urls import resolve

from statuscomms.celery import app
from tests.deploy.files import ROOT, compose, only, service, stages
from tests.statuspage.serving import NGINX_CONF, free_port, wait_until

OURS = ("migrate", "web", "worker", "beat")
CELERY = {"worker": worker, "beat": beat, "inspect": inspect}


def settings_read() -> set[str]:
    """Every name the settings take from the environment."""
    files = (ROOT / "statuscomms" / "settings").glob("*.py")
    return {name for file in files for name in re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", file.read_text())}


def mounts(name: str) -> dict[str, str]:
    """Volume or file to its place in the container."""
    split = [volume.split(":") for volume in service(name).get("volumes", [])]
    return {parts[0]: parts[1] for parts in split}


def test_it_holds_the_services_of_a_deployment() -> None:
    assert set(compose()["services"]) == {*OURS, "postgres", "redis", "nginx"}
    assert len({service(name)["image"] for name in OURS}) == 1


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_the_settings_read(name: str) -> None:
    given = {variable.removesuffix("_FILE") for variable in service(name)["environment"]}
    assert given <= settings_read()
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "STATUSPAGE_DIR", "EMAIL_HOST", "PUBLIC_PAGE_URL"} <= given


def test_secrets_come_from_files_and_none_is_written_here() -> None:
    for name in (*OURS, "postgres"):
        for variable, value in service(name)["environment"].items():
            if re.search(r"PASSWORD|SECRET|DATABASE_URL", variable):
                assert variable.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service(name)["secrets"]
    assert {secret["file"] for secret in compose()["secrets"].values()} == {f"./secrets/{name}" for name in compose()["secrets"]}
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_what_has_no_sensible_default_must_be_given() -> None:
    environment = service("web")["environment"]
    for name in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "CONSOLE_URL", "PUBLIC_PAGE_URL", "EMAIL_HOST", "DEFAULT_FROM_EMAIL"):
        assert environment[name].startswith(f"${{{name}:?")


def commands(name: str) -> list[list[str]]:
    command: list[str] = service(name)["command"]
    return [shlex.split(part) for part in command[2].split("&&")] if command[:2] == ["sh", "-c"] else [command]


def test_the_one_shot_runs_management_commands_that_exist_and_does_not_start_again() -> None:
    assert service("migrate")["restart"] == "no"
    ran = commands("migrate")
    assert [command[:2] for command in ran] == [["python", "manage.py"]] * 3
    assert [command[2:4] for command in ran] == [["check", "--deploy"], ["migrate", "--noinput"], ["publish_page"]]
    assert {command[2] for command in ran} <= get_commands().keys()


def celery_accepts(arguments: list[str]) -> str:
    """The subcommand; fails where Celery would refuse an option."""
    assert arguments[:3] == ["celery", "-A", app.main]
    subcommand = arguments[3]
    CELERY[subcommand].make_context(subcommand, arguments[4:], obj=CLIContext(app=app, no_color=True, workdir=None))
    return subcommand


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_knows_the_application_and_accepts_every_option(name: str) -> None:
    assert celery_accepts(commands(name)[0]) == name


def test_the_web_health_check_asks_an_address_that_exists() -> None:
    test = service("web")["healthcheck"]["test"]
    assert test[:3] == ["CMD", "python", "deploy/healthcheck.py"]
    assert any(test[2] in one.words for one in only(stages()[1], "COPY"))
    assert resolve(test[3]).url_name == "healthz"
    assert resolve("/readyz").url_name == "readyz"


def test_the_health_check_of_the_worker_pings_that_worker() -> None:
    arguments = shlex.split(service("worker")["healthcheck"]["test"][1].replace("$$", "$"))
    assert celery_accepts(arguments) == "inspect"
    assert arguments[-1] == "celery@$HOSTNAME"


def test_every_service_that_can_be_asked_for_its_health_is() -> None:
    assert {name for name in compose()["services"] if "healthcheck" not in service(name)} == {"migrate", "beat"}


def test_nginx_serves_the_folder_that_the_worker_publishes_to_and_can_neither_write_nor_reach_the_database() -> None:
    folder = service("worker")["environment"]["STATUSPAGE_DIR"]
    assert mounts("worker")["statuspage"] == mounts("migrate")["statuspage"] == mounts("nginx")["statuspage"] == folder
    assert f"root {folder};" in NGINX_CONF.read_text()
    assert "statuspage:/srv/statuspage:ro" in service("nginx")["volumes"]
    assert (ROOT / "deploy/nginx/statuspage.conf") == NGINX_CONF
    assert mounts("nginx")["./deploy/nginx/statuspage.conf"].startswith("/etc/nginx/conf.d/")
    for name in (*OURS, "postgres", "redis"):
        assert not set(service("nginx")["networks"]) & set(service(name)["networks"])


def test_nginx_listens_where_its_port_and_its_health_check_say() -> None:
    (port,) = re.findall(r"listen (\d+);", NGINX_CONF.read_text())
    assert service("nginx")["ports"] == [f"{port}:{port}"]
    assert service("nginx")["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/healthz"


def test_all_wait_for_the_migrations_and_volumes_are_declared() -> None:
    for name in ("web", "worker", "beat", "nginx"):
        assert service(name)["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    named = {source for name in compose()["services"] for source in mounts(name) if not source.startswith(".")}
    assert named == set(compose()["volumes"])


def test_the_console_is_offered_to_this_machine_alone() -> None:
    assert service("web")["ports"] == ["127.0.0.1:8000:8000"]
    assert not any("ports" in service(name) for name in ("postgres", "redis", "worker", "beat", "migrate"))


def production_environment(folder: Path, **more: str) -> dict[str, str]:
    """What compose gives to a service, its secrets in files that end with a newline, as editors write them."""
    values: dict[str, Any] = {
        name: re.sub(r"^\$\{\w+:[?-](.*)\}$", r"\1", str(value)) for name, value in service("web")["environment"].items()
    }
    secrets = {
        "SECRET_KEY": "k9-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "DATABASE_URL": "postgresql://statuscomms:pass%2Fword@127.0.0.1:1/statuscomms",
        "WEBHOOK_SECRET_KEY": "w4-" + "zyxwvutsrqponmlkjihgfedcba9876543210",
        "EMAIL_HOST_PASSWORD": "mail password",
    }
    for name, secret in secrets.items():
        (folder / name).write_text(f"{secret}\n")
        values[f"{name}_FILE"] = str(folder / name)
    hosts = {"ALLOWED_HOSTS": "comms.example.com", "CSRF_TRUSTED_ORIGINS": "https://comms.example.com", "EMAIL_HOST": "mail.example.com"}
    return {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "statuscomms.settings.production"} | values | hosts | more


def test_production_settings_load_from_exactly_this_environment_with_secrets_in_files(tmp_path: Path) -> None:
    shown = (
        "from django.conf import settings as s; d = s.DATABASES['default'];"
        "print(len(s.SECRET_KEY), d['PASSWORD'], d['NAME'], s.EMAIL_HOST_PASSWORD, s.STATUSPAGE_DIR, s.ALLOWED_HOSTS, s.EMAIL_USE_TLS)"
    )
    done = subprocess.run(
        [sys.executable, "-c", shown], cwd=ROOT, env=production_environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "75 pass/word statuscomms mail password /srv/statuspage ['comms.example.com'] True", done.stderr


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({}, ""),
        ({"WEBHOOK_SECRET_KEY": ""}, "statuscomms.E001"),
        ({"WEBHOOK_SECRET_KEY": "short"}, "statuscomms.E001"),
    ],
)
def test_the_first_command_refuses_a_deployment_whose_webhooks_have_no_key_of_their_own(
    tmp_path: Path, more: dict[str, str], refused: str
) -> None:
    environment = production_environment(tmp_path)
    if more:
        del environment["WEBHOOK_SECRET_KEY_FILE"]
    command = [sys.executable, *commands("migrate")[0][1:]]
    done = subprocess.run(command, cwd=ROOT, env=environment | more, capture_output=True, text=True, check=False)
    assert (done.returncode == 1) is bool(refused), done.stderr
    assert refused in done.stderr


@pytest.mark.slow
def test_the_web_process_starts_in_this_environment_and_its_health_check_finds_it(tmp_path: Path) -> None:
    port, environment = free_port(), production_environment(tmp_path)
    check = [sys.executable, str(ROOT / "deploy" / "healthcheck.py"), "/healthz", str(port)]
    assert subprocess.run(check, env=environment, check=False).returncode == 1
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "statuscomms.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"],
        cwd=ROOT, env=environment, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: subprocess.run(check, env=environment, check=False).returncode == 0, seconds=20)
        check[2] = "/readyz"
        assert subprocess.run(check, env=environment, check=False).returncode == 1, "the database does not answer, yet it is ready"
    finally:
        server.terminate()
        server.wait(timeout=10)


def test_the_guide_names_every_setting() -> None:
    guide = (ROOT / "docs" / "guide" / "deploy.md").read_text()
    missing = {name for name in settings_read() - {"DEBUG"} if f"`{name}`" not in guide}
    assert not missing


def test_the_commands_in_the_guide_exist() -> None:
    guide = (ROOT / "docs" / "guide" / "deploy.md").read_text()
    named = set(re.findall(r"manage\.py (\w+)", guide))
    assert named
    assert named <= get_commands().keys()
