"""The pages of signing in: only those that this host wants of django-allauth, under its names."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/", account.password_change, name="account_change_password"),
    path("sessions/", include("allauth.usersessions.urls")),
    path("factors/", include("allauth.mfa.urls")),
    path("", RedirectView.as_view(pattern_name="mfa_index")),
]
