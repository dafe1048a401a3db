"""What a person reads when something is missing, refused, expired or broken."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_refusal_names_the_roles_that_may(cast: Cast) -> None:
    answer = cast.client("legal").get("/console/templates/new/")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "comms reviewer or administrator" in page
    assert "expired" not in page


def test_an_expired_form_says_that_nothing_was_saved(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.comms)
    answer = client.post("/console/screening/", {"act": "save"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_a_missing_page_looks_the_same_in_the_demo(cast: Cast, tmp_path: Path) -> None:
    product = cast.client("legal").get("/console/nothing-here/")
    with override_settings(ROOT_URLCONF="demo.urls", DEMO_MAIL_DIR=tmp_path):
        demo = cast.client("legal").get("/console/nothing-here/")
    assert (product.status_code, demo.status_code) == (404, 404)
    assert "There is nothing here" in demo.content.decode()


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
@pytest.mark.parametrize("act", ["editor_save", "editor_preview"])
def test_a_form_larger_than_can_be_taken_is_answered_and_is_no_fault(cast: Cast, caplog: pytest.LogCaptureFixture, act: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.comms, backend="django.contrib.auth.backends.ModelBackend")
    address, typed = reverse(f"console:{act}", args=["any"]), {"body-customers": "x" * 2000}
    program = client.post(address, urlencode(typed), "application/x-www-form-urlencoded")
    assert (program.status_code, program.headers["Content-Type"]) == (413, "application/problem+json")
    assert client.post(address, typed).status_code == 413, "the same in parts"
    person = client.post(address, typed, headers={"Accept": "text/html,*/*"})
    assert person.status_code == 413
    assert "the browser still holds what you typed" in person.content.decode()
    assert [record for record in caplog.records if record.exc_info] == []


def test_signing_in_with_a_wrong_password_does_not_tell_whether_the_name_exists(cast: Cast) -> None:
    pages = [
        Client().post("/accounts/login/", {"login": name, "password": "wrong"}).content.decode() for name in (cast.legal.username, "nobody")
    ]
    for page in pages:
        assert "This name and this password do not belong together" in page
        assert "placeholder" not in page
