"""Routes of the API, relative to /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from approvals import api_deciding as deciding
from approvals.api import ReleaseView, RequestReviewView, ReviewsView
from approvals.api_statements import ReleaseStatementsView, RequestStatementReviewView, StatementReviewsView

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("updates/<str:public_id>/request-review/", RequestReviewView.as_view(), name="api-update-request-review"),
    path("updates/<str:public_id>/reviews/", ReviewsView.as_view(), name="api-update-reviews"),
    path("updates/<str:public_id>/release/", ReleaseView.as_view(), name="api-update-release"),
    path("holding-statements/<str:public_id>/request-review/", RequestStatementReviewView.as_view(), name="api-statement-request-review"),
    path("holding-statements/<str:public_id>/reviews/", StatementReviewsView.as_view(), name="api-statement-reviews"),
    path("incidents/<str:public_id>/holding-statements/", ReleaseStatementsView.as_view(), name="api-incident-holding-statements"),
    path("updates/<str:public_id>/disputes/", deciding.UpdateDisputesView.as_view(), name="api-update-disputes"),
    path("updates/<str:public_id>/hold/", deciding.HoldUpdateView.as_view(), name="api-update-hold"),
    path("updates/<str:public_id>/corrections/", deciding.CorrectionView.as_view(), name="api-update-corrections"),
    path("disputes/", deciding.DisputesView.as_view(), name="api-disputes"),
    path("disputes/<str:public_id>/", deciding.DisputeView.as_view(), name="api-dispute"),
    path("disputes/<str:public_id>/ruling/", deciding.RulingView.as_view(), name="api-dispute-ruling"),
    path("disputes/<str:public_id>/withdraw/", deciding.WithdrawDisputeView.as_view(), name="api-dispute-withdraw"),
    path("overrides/", deciding.OverridesView.as_view(), name="api-overrides"),
    path("overrides/<str:public_id>/", deciding.OverrideView.as_view(), name="api-override"),
    path("holds/", deciding.HoldsView.as_view(), name="api-holds"),
    path("holds/<str:public_id>/lift/", deciding.LiftHoldView.as_view(), name="api-hold-lift"),
    path("incidents/<str:public_id>/hold/", deciding.HoldIncidentView.as_view(), name="api-incident-hold"),
]
