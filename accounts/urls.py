"""Sign-in, sign-out, step-up and the second factor by allauth. Accounts are made by administrators: no sign-up, no social login."""

from allauth.account import views
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, path

from accounts.api import MeView, MyTokensView, MyTokenView
from accounts.api_roster import CoverageView, StandingsView
from accounts.api_roster_entries import AbsencesView, AbsenceView, DelegationsView, DelegationView
from accounts.api_roster_rows import ShiftsView, TrainingView
from accounts.views import confirm, confirm_passkey, factor_first

urlpatterns: list[URLPattern] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("2fa/", factors.index, name="mfa_index"),
    path("2fa/authenticate/", factors.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", confirm, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", factor_first(app.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", factor_first(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", factor_first(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("2fa/webauthn/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", factor_first(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/webauthn/reauthenticate/", confirm_passkey, name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", factor_first(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
]

api_urlpatterns: list[URLPattern] = [
    path("me/", MeView.as_view(), name="api-me"),
    path("me/tokens/", MyTokensView.as_view(), name="api-my-tokens"),
    path("me/tokens/<str:token_id>/", MyTokenView.as_view(), name="api-my-token"),
    path("roster/standings/", StandingsView.as_view(), name="api-roster-standings"),
    path("roster/coverage/", CoverageView.as_view(), name="api-roster-coverage"),
    path("roster/shifts/", ShiftsView.as_view(), name="api-roster-shifts"),
    path("roster/training/", TrainingView.as_view(), name="api-roster-training"),
    path("roster/absences/", AbsencesView.as_view(), name="api-roster-absences"),
    path("roster/absences/<int:row>/", AbsenceView.as_view(), name="api-roster-absence"),
    path("roster/delegations/", DelegationsView.as_view(), name="api-roster-delegations"),
    path("roster/delegations/<int:row>/", DelegationView.as_view(), name="api-roster-delegation"),
]
