"""The minimal host's records: a user known by an address alone, and a person known by a code."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class KeeperManager(BaseUserManager["Keeper"]):
    def create_user(self, address: str, secret: str) -> Keeper:
        keeper = self.model(address=self.normalize_email(address))
        keeper.set_password(secret)
        keeper.save()
        return keeper


class Keeper(AbstractBaseUser):
    """Staff: no username, no groups, no permissions, no is_staff, no full name."""

    address = models.EmailField(unique=True)
    objects = KeeperManager()

    USERNAME_FIELD = "address"
    EMAIL_FIELD = "address"


class Room(models.Model):
    label = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.label


class Person(models.Model):
    code = models.CharField(max_length=20, primary_key=True)
    called = models.CharField(max_length=80)
    reachable_at = models.EmailField(blank=True)
    has_left = models.BooleanField(default=False)
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        # As many a real host does it: nothing of the plugin may ever print this.
        return f"{self.called} {self.reachable_at}"
