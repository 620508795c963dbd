"""A host's own token authentication, as AUTHENTICATION_CLASSES would name it: the token is the user's name."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class NameToken(TokenAuthentication):
    """`Authorization: Token <username>`."""

    def authenticate_credentials(self, key: str) -> tuple[Any, str]:
        user = get_user_model().objects.filter(username=key).first()
        if user is None:
            raise AuthenticationFailed
        return user, key
