"""Views that belong to no room: the schema's page, and what is not there."""

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core.api.problems import problem_document


class SchemaView(SpectacularAPIView):
    """The OpenAPI document. It tells how to ask, not what is there, so anyone may read it."""


@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own origin. It styles its elements inline, which the policy allows on this page alone."""

    url_name = "api-schema"


@csrf_exempt
def not_found(request: HttpRequest, **_: Any) -> JsonResponse:
    """Every address under /api/ that is no route. Routes end with a slash."""
    hint = "" if request.path.endswith("/") else " Addresses end with a slash."
    return JsonResponse(problem_document(404, "not_found", f"Not found.{hint}"), status=404, content_type="application/problem+json")
