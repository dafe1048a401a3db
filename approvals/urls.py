"""Routes of the API, relative to /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from approvals.api.carried import CarriedView
from approvals.api.claims import ClaimsView, GiveUpClaimView
from approvals.api.comments import CommentsView
from approvals.api.corrections import CorrectionView
from approvals.api.disputes import DisputesView, DisputeView, RulingView, UpdateDisputesView, WithdrawDisputeView
from approvals.api.findings import FindingsView
from approvals.api.holds import HoldIncidentView, HoldsView, HoldUpdateView, LiftHoldView
from approvals.api.overrides import OverridesView, OverrideView
from approvals.api.queue import ReviewQueueView
from approvals.api.releases import ReleaseView
from approvals.api.reviews import ReviewsView
from approvals.api.rounds import RequestReviewView
from approvals.api.schedules import SchedulesView
from approvals.api.slots import SlotsView, StatementSlotsView
from approvals.api.statement_releases import ReleaseStatementsView
from approvals.api.statement_reviews import RequestStatementReviewView, StatementReviewsView

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("updates/<str:public_id>/request-review/", RequestReviewView.as_view(), name="api-update-request-review"),
    path("updates/<str:public_id>/reviews/", ReviewsView.as_view(), name="api-update-reviews"),
    path("updates/<str:public_id>/slots/", SlotsView.as_view(), name="api-update-slots"),
    path("updates/<str:public_id>/claims/", ClaimsView.as_view(), name="api-update-claims"),
    path("updates/<str:public_id>/claims/<str:kind>/", GiveUpClaimView.as_view(), name="api-update-claim"),
    path("updates/<str:public_id>/comments/", CommentsView.as_view(), name="api-update-comments"),
    path("updates/<str:public_id>/carried/", CarriedView.as_view(), name="api-update-carried"),
    path("updates/<str:public_id>/findings/", FindingsView.as_view(), name="api-update-findings"),
    path("updates/<str:public_id>/release/", ReleaseView.as_view(), name="api-update-release"),
    path("updates/<str:public_id>/disputes/", UpdateDisputesView.as_view(), name="api-update-disputes"),
    path("updates/<str:public_id>/hold/", HoldUpdateView.as_view(), name="api-update-hold"),
    path("updates/<str:public_id>/corrections/", CorrectionView.as_view(), name="api-update-corrections"),
    path("holding-statements/<str:public_id>/request-review/", RequestStatementReviewView.as_view(), name="api-statement-request-review"),
    path("holding-statements/<str:public_id>/reviews/", StatementReviewsView.as_view(), name="api-statement-reviews"),
    path("holding-statements/<str:public_id>/slots/", StatementSlotsView.as_view(), name="api-statement-slots"),
    path("incidents/<str:public_id>/holding-statements/", ReleaseStatementsView.as_view(), name="api-incident-holding-statements"),
    path("incidents/<str:public_id>/hold/", HoldIncidentView.as_view(), name="api-incident-hold"),
    path("release-schedules/", SchedulesView.as_view(), name="api-release-schedules"),
    path("review-queue/", ReviewQueueView.as_view(), name="api-review-queue"),
    path("disputes/", DisputesView.as_view(), name="api-disputes"),
    path("disputes/<str:public_id>/", DisputeView.as_view(), name="api-dispute"),
    path("disputes/<str:public_id>/ruling/", RulingView.as_view(), name="api-dispute-ruling"),
    path("disputes/<str:public_id>/withdraw/", WithdrawDisputeView.as_view(), name="api-dispute-withdraw"),
    path("overrides/", OverridesView.as_view(), name="api-overrides"),
    path("overrides/<str:public_id>/", OverrideView.as_view(), name="api-override"),
    path("holds/", HoldsView.as_view(), name="api-holds"),
    path("holds/<str:public_id>/lift/", LiftHoldView.as_view(), name="api-hold-lift"),
]
