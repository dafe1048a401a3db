"""Routes of the API, relative to /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from approvals.api import ReleaseView, RequestReviewView, ReviewsView

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("updates/<str:public_id>/request-review/", RequestReviewView.as_view(), name="api-update-request-review"),
    path("updates/<str:public_id>/reviews/", ReviewsView.as_view(), name="api-update-reviews"),
    path("updates/<str:public_id>/release/", ReleaseView.as_view(), name="api-update-release"),
]
