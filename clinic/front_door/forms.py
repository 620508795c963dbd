"""The two forms that differ from django-allauth's own."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.base.forms import ReauthenticateForm


class NameAndPasswordForm(LoginForm):
    """Its field is called `username`, as password managers and scripts expect of a Django page."""

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("username" if field_name == "login" else field_name)


class StepUpForm(ReauthenticateForm):
    """A fresh code, with wrong ones counted by the day and apart from those at the front door."""

    def clean_code(self) -> str:
        """Return the code; raises ValidationError for a wrong one, and for any after ten wrong ones in a day."""
        # Taken before the code is looked at, and given back for a right one: guesses made at once can't slip by.
        taken = ratelimit.consume(
            context.request, app="allauth.account", action="step_up", key=f"step-up-{self.user.pk}"
        )
        if taken is None:
            raise get_adapter().validation_error("too_many_login_attempts")
        code = super().clean_code()
        taken.rollback()
        return code
