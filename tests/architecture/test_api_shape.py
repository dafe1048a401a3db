"""What every route of the API has in common."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver
from rest_framework.generics import GenericAPIView
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from core.api.pagination import CursorPagination


def views(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, type[APIView]]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, route)
        elif route.startswith("api/v1/"):
            yield route, entry.callback.view_class  # type: ignore[attr-defined]  # every class-based view has it


def test_every_post_takes_an_idempotency_key() -> None:
    posts = [(route, view) for route, view in views() if hasattr(view, "post")]
    assert posts
    assert [route for route, view in posts if not issubclass(view, IdempotentPostMixin)] == []


def test_every_list_pages_by_cursor() -> None:
    lists = [(route, view) for route, view in views() if issubclass(view, GenericAPIView)]
    assert lists
    assert [route for route, view in lists if not (view.pagination_class and issubclass(view.pagination_class, CursorPagination))] == []


def test_the_schema_describes_every_route_and_its_refusals() -> None:
    schema = Client().get("/api/schema/?format=json").json()
    described = {path.removeprefix("/") for path in schema["paths"]}
    assert len(described) == len({route for route, _ in views()})
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            assert ("Idempotency-Key" in names) == (method == "post")


def test_the_schema_is_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate")
    assert "openapi: 3" in capsys.readouterr().out
