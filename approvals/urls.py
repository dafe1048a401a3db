"""Routes of the API, relative to /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from approvals.api import ReleaseView, RequestReviewView, ReviewsView
from approvals.api_statements import ReleaseStatementsView, RequestStatementReviewView, StatementReviewsView

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("updates/<str:public_id>/request-review/", RequestReviewView.as_view(), name="api-update-request-review"),
    path("updates/<str:public_id>/reviews/", ReviewsView.as_view(), name="api-update-reviews"),
    path("updates/<str:public_id>/release/", ReleaseView.as_view(), name="api-update-release"),
    path("holding-statements/<str:public_id>/request-review/", RequestStatementReviewView.as_view(), name="api-statement-request-review"),
    path("holding-statements/<str:public_id>/reviews/", StatementReviewsView.as_view(), name="api-statement-reviews"),
    path("incidents/<str:public_id>/holding-statements/", ReleaseStatementsView.as_view(), name="api-incident-holding-statements"),
]
