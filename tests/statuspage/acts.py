"""The public page in tests: a folder of its own, updates released to the public, and what stands in the files."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from approvals.models import Release
from catalogue.models import Component
from catalogue.rules.status import ComponentStatus
from incidents.models import Incident
from incidents.rules.content import ComponentState
from incidents.rules.content_edit import ContentEdit, Variant
from statuspage import snapshot
from statuspage.services import publish_snapshot
from tests.approvals.acts import approve, ask, release, say
from tests.support.cast import NOW, Cast
from tests.support.factories import INTERNAL_WORDS, make_update

TITLE = "Some checkouts are failing"
BODY = "Paying by card fails for **some** customers."


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Where this test's page is published."""
    settings.STATUSPAGE_DIR = tmp_path / "page"
    settings.PUBLIC_PAGE_URL = "https://status.acme.example"
    settings.PUBLIC_PAGE_NAME = "Acme status"
    return tmp_path / "page"


def say_publicly(
    cast: Cast,
    incident: Incident,
    *,
    status: str = "investigating",
    title: str = TITLE,
    body: str = BODY,
    impact: str = "major",
    components: Sequence[tuple[Component, ComponentStatus]] = (),
    minutes: int | None = 30,
    audiences: tuple[str, ...] = ("customers", "internal"),
    now: datetime = NOW,
) -> Release:
    """Draft, every review that is asked for, release: all at `now`."""
    states = tuple(ComponentState(component.public_id, wanted.value) for component, wanted in components)
    words = (Variant("customers", title, body), Variant("internal", INTERNAL_WORDS["title"], INTERNAL_WORDS["body"]))
    edit = ContentEdit(
        impact=impact,
        variants=tuple(variant for variant in words if variant.audience in audiences),
        components=states,
        next_update_minutes=None if status == "resolved" else minutes,
    )
    update = make_update(incident=incident, now=now, status=status, edit=edit)
    asked = ask(cast, update, now=now)
    approve(cast, update, now=now)
    if asked.slots.filter(kind="legal").exists():
        say(cast, update, "legal", by="legal", now=now)
    return release(cast, update, now=now)


def published(now: datetime = NOW) -> Path:
    """Publishes; the folder of the version that is live."""
    assert publish_snapshot(now=now).applied
    return live()


def live() -> Path:
    """The folder of the version that is live."""
    found = snapshot.current(configured.STATUSPAGE_DIR)
    assert found is not None
    return found.path


def body_of(version: Path, name: str) -> Any:
    """The JSON document at ``/api/v2/NAME.json``."""
    return json.loads((version / "api" / "v2" / f"{name}.json").read_bytes())


def later(minutes: float) -> datetime:
    """That many minutes after the tests' now."""
    return NOW + timedelta(minutes=minutes)
