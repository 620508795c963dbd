"""How a finding is worded: an id and a hint on each."""

from __future__ import annotations

from django.core.checks import Error
from django.core.checks import Warning as Notice

TAG = "rls_module"


def error(number: str, message: str, hint: str) -> Error:
    """Return the error rls_module.E<number>."""
    return Error(message, hint=hint, id=f"{TAG}.E{number}")


def warning(number: str, message: str, hint: str) -> Notice:
    """Return the warning rls_module.W<number>."""
    return Notice(message, hint=hint, id=f"{TAG}.W{number}")
