"""The alert mapping, edited as a table."""

import pytest

from console.forms.mapping import document_from, rows_of, when_from, when_text
from integrations.queries import mapping_row
from tests.support.cast import Cast


def test_a_condition_survives_the_way_through_the_field() -> None:
    when = {"severity": ["critical", "page"], "team": ["payments"]}
    assert when_from(when_text(when)) == when


def form_of(document: dict[str, object]) -> dict[str, str]:
    form = {"component_label": str(document["component_label"]), "version": "1"}
    for row in rows_of(document):
        form |= {f"{row['prefix']}-key": row["key"], f"{row['prefix']}-when": row["when"]}
        form |= {f"{row['prefix']}-{name}": value for name, value in row["then"].items() if name != "customer_facing"}
        if row["then"]["customer_facing"]:
            form[f"{row['prefix']}-customer_facing"] = "on"
    return form


@pytest.mark.django_db
def test_the_shipped_mapping_is_what_its_form_says() -> None:
    document = mapping_row("alertmanager").document
    assert document_from(form_of(document)) == document


@pytest.mark.django_db
def test_a_new_rule_stands_before_the_last_and_is_saved(cast: Cast) -> None:
    form = form_of(mapping_row("alertmanager").document) | {
        "rule-new-key": "pages", "rule-new-when": "severity=page", "rule-new-severity": "SEV2", "rule-new-stage": "confirmed",
        "rule-new-impact": "minor", "rule-new-category": "network",
    }  # fmt: skip
    cast.client("commander").post("/console/mapping/", form)
    saved = mapping_row("alertmanager")
    assert saved.version == 2
    assert [rule["key"] for rule in saved.document["rules"]] == ["critical", "warning", "pages", "everything else"]


@pytest.mark.django_db
def test_a_mistake_is_named_and_what_was_typed_stays(cast: Cast) -> None:
    form = form_of(mapping_row("alertmanager").document) | {"rule-0-when": "severity"}
    answer = cast.client("commander").post("/console/mapping/", form)
    assert answer.status_code == 400
    assert "rules.0.when.severity" in answer.content.decode()
    assert mapping_row("alertmanager").version == 1


@pytest.mark.django_db
def test_the_outsider_sees_no_mapping_and_a_reader_cannot_save(cast: Cast) -> None:
    assert cast.client("outsider").get("/console/mapping/").status_code == 404
    form = form_of(mapping_row("alertmanager").document) | {"component_label": "other"}
    assert cast.client("legal").post("/console/mapping/", form).status_code == 403
    assert mapping_row("alertmanager").document["component_label"] == "service"
