"""Sign-in, sign-out and step-up by allauth. Accounts are made by administrators: no sign-up, no social login."""

from allauth.account import views
from django.urls import URLPattern, path

from accounts.api import MeView, MyTokensView, MyTokenView

urlpatterns: list[URLPattern] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
]

api_urlpatterns: list[URLPattern] = [
    path("me/", MeView.as_view(), name="api-me"),
    path("me/tokens/", MyTokensView.as_view(), name="api-my-tokens"),
    path("me/tokens/<str:token_id>/", MyTokenView.as_view(), name="api-my-token"),
]
