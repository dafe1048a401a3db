"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from notifications.api import ReleaseListView, ReleaseView, StoryView
from notifications.views import unsubscribe_page

urlpatterns: list[URLPattern | URLResolver] = [path("unsubscribe/<str:token>/", unsubscribe_page, name="unsubscribe")]

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("updates/<str:public_id>/story/", StoryView.as_view(), name="api-update-story"),
    path("releases/", ReleaseListView.as_view(), name="api-releases"),
    path("releases/<str:public_id>/", ReleaseView.as_view(), name="api-release"),
]
