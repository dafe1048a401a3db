"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from notifications.api.channels import ChannelListView
from notifications.api.deliveries import DeliveryListView
from notifications.api.escalation import DrillListView, DrillView, RunAnswerView, RunListView, RunView
from notifications.api.releases import ReleaseListView, ReleaseView, StoryView
from notifications.api.routing import RoutingView
from notifications.api.running import CancelView, PauseView, ProgressView, ResumeView, SendAgainView, TryNowView
from notifications.views.answer import answer_page
from notifications.views.sendgrid import SendGridEvents
from notifications.views.twilio import TwilioInbound, TwilioStatus
from notifications.views.unsubscribe import unsubscribe_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("unsubscribe/<str:token>/", unsubscribe_page, name="unsubscribe"),
    path("answer/<str:token>/", answer_page, name="answer"),
    path("hooks/sendgrid/events/", SendGridEvents.as_view(), name="hook-sendgrid-events"),
    path("hooks/twilio/status/", TwilioStatus.as_view(), name="hook-twilio-status"),
    path("hooks/twilio/inbound/", TwilioInbound.as_view(), name="hook-twilio-inbound"),
]

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("updates/<str:public_id>/story/", StoryView.as_view(), name="api-update-story"),
    path("channels/", ChannelListView.as_view(), name="api-channels"),
    path("routing/", RoutingView.as_view(), name="api-routing"),
    path("releases/", ReleaseListView.as_view(), name="api-releases"),
    path("releases/<str:public_id>/", ReleaseView.as_view(), name="api-release"),
    path("releases/<str:public_id>/progress/", ProgressView.as_view(), name="api-release-progress"),
    path("releases/<str:public_id>/deliveries/", DeliveryListView.as_view(), name="api-release-deliveries"),
    path("releases/<str:public_id>/pause/", PauseView.as_view(), name="api-release-pause"),
    path("releases/<str:public_id>/resume/", ResumeView.as_view(), name="api-release-resume"),
    path("releases/<str:public_id>/cancel/", CancelView.as_view(), name="api-release-cancel"),
    path("releases/<str:public_id>/send-again/", SendAgainView.as_view(), name="api-release-send-again"),
    path("releases/<str:public_id>/try-now/", TryNowView.as_view(), name="api-release-try-now"),
    path("escalation-runs/", RunListView.as_view(), name="api-escalation-runs"),
    path("escalation-runs/<slug:public_id>/", RunView.as_view(), name="api-escalation-run"),
    path("escalation-runs/<slug:public_id>/answer/", RunAnswerView.as_view(), name="api-escalation-answer"),
    path("drills/", DrillListView.as_view(), name="api-drills"),
    path("drills/<slug:public_id>/", DrillView.as_view(), name="api-drill"),
]
