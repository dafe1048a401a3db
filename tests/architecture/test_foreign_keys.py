"""Relations obey the floors: a model points down or stays on its floor. String references escape import-linter."""

from django.apps import apps
from django.db import models

FLOORS = [
    {"core"},
    {"audit"},
    {"accounts"},
    {"catalogue"},
    {"stakeholders"},
    {"policies", "screening"},
    {"templates"},
    {"incidents"},
    {"approvals"},
    {"notifications"},
    {"statuspage"},
    {"integrations"},
    {"console"},
    {"statuscomms"},
]
FLOOR_OF = {app: number for number, floor in enumerate(FLOORS) for app in floor}


def relations() -> list[tuple[type[models.Model], str, type[models.Model]]]:
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in FLOOR_OF:
            found += [
                (model, field.name, field.related_model)
                for field in model._meta.get_fields()
                if field.is_relation and field.concrete and isinstance(field.related_model, type)
            ]
    return found


def test_every_app_of_ours_has_a_floor() -> None:
    ours = {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}
    assert ours == FLOOR_OF.keys()


def test_relations_only_point_down_or_stay_on_their_floor() -> None:
    assert relations(), "no relation was looked at"
    upward = [
        f"{model._meta.label}.{name} -> {target._meta.label}"
        for model, name, target in relations()
        if FLOOR_OF.get(target._meta.app_label, -1) > FLOOR_OF[model._meta.app_label]
    ]
    assert upward == []


def test_siblings_on_one_floor_know_nothing_of_each_other() -> None:
    sideways = [
        f"{model._meta.label}.{name} -> {target._meta.label}"
        for model, name, target in relations()
        if model._meta.app_label != target._meta.app_label and FLOOR_OF.get(target._meta.app_label) == FLOOR_OF[model._meta.app_label]
    ]
    assert sideways == []


def test_the_log_points_at_nothing() -> None:
    assert [name for model, name, _ in relations() if model._meta.app_label == "audit"] == []
