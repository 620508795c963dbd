"""The host's records in Django admin, each admin seeing the own clinic only. No record of the plugin is here."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from clinic import queries
from clinic.front_door import factors, step_up
from clinic.models import Clinic, Patient, Staff, Visit

logger = logging.getLogger("clinic.front_door")
User = get_user_model()

# What django-allauth would show of everybody's factors, sessions and addresses is no admin's reading.
admin.site.unregister([Authenticator, EmailAddress, UserSession, User, Group])


class SteppedUp:
    """Every change of who may do what asks for a fresh second factor, as signing does."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _asked(request) or super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _asked(request) or super().changelist_view(request, *args, **kwargs)  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _asked(request) or super().delete_view(request, *args, **kwargs)  # type: ignore[misc]

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _asked(request) or super().user_change_password(request, *args, **kwargs)  # type: ignore[misc]


def _asked(request: HttpRequest) -> HttpResponse | None:
    return step_up.gate(request, "role.change") if request.method == "POST" else None


@admin.register(User)
class AccountAdmin(SteppedUp, UserAdmin):
    """Accounts, for whoever has Django's permission on them."""


@admin.register(Group)
class RightsAdmin(SteppedUp, GroupAdmin):
    """Groups of Django's permissions; the plugin asks none of them."""


class OwnClinicAdmin(admin.ModelAdmin):
    """Lists, opens and offers only what belongs to the clinic of the signed-in member of staff."""

    clinic_lookup = "clinic"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return _of_own_clinic(request, super().get_queryset(request), self.clinic_lookup)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        offered = super().get_field_queryset(db, db_field, request)
        related = db_field.remote_field.model
        if offered is None:
            offered = related._default_manager.all()
        lookup = {Clinic: "pk", Patient: "clinic"}.get(related, "clinic_staff__clinic")
        return _of_own_clinic(request, offered, lookup)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # records are archived, never deleted from a list


def _of_own_clinic(request: HttpRequest, rows: QuerySet[Any], lookup: str) -> QuerySet[Any]:
    staff = queries.staff_of(request.user)
    return rows.filter(**{lookup: staff.clinic_id}) if staff else rows.none()


@admin.register(Clinic)
class ClinicAdmin(OwnClinicAdmin):
    """The own clinic: its names, phone and zone."""

    clinic_lookup = "pk"
    list_display = ["name", "phone", "zone"]

    def get_readonly_fields(self, request: HttpRequest, obj: Clinic | None = None) -> list[str]:
        return ["slug"] if obj else []


@admin.register(Staff)
class StaffAdmin(SteppedUp, OwnClinicAdmin):
    """Who works in the own clinic, and as what; where a lost phone is taken off an account."""

    list_display = ["printed_name", "role", "clinic"]
    actions = ["forget_factors"]

    def save_model(self, request: HttpRequest, obj: Staff, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        logger.info("role set user=%s role=%s by=%s", obj.user_id, obj.role, request.user.pk)

    @admin.action(description=_("Forget the second factor, so that a new one can be set up"), permissions=["change"])
    def forget_factors(self, request: HttpRequest, chosen: QuerySet[Staff]) -> None:
        for member in chosen:
            factors.forget(member.user)
            logger.info("second factor forgotten user=%s by=%s", member.user_id, request.user.pk)
        self.message_user(request, _("They sign in with their password and set up a second factor anew."))

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        offered = super().get_field_queryset(db, db_field, request)
        if db_field.name == "user" and offered is not None:
            # An account that works for no clinic yet can be taken on.
            return offered | db_field.remote_field.model._default_manager.filter(clinic_staff=None)
        return offered


@admin.register(Patient)
class PatientAdmin(OwnClinicAdmin):
    """The own clinic's patients and who treats them."""

    list_display = ["record_number", "family", "given", "language", "archived"]
    search_fields = ["record_number", "family", "given"]
    list_filter = ["archived", "language"]
    filter_horizontal = ["therapists"]


@admin.register(Visit)
class VisitAdmin(OwnClinicAdmin):
    """The own clinic's appointment book."""

    list_display = ["starts_at", "patient", "therapist", "status"]
    list_filter = ["status"]
    date_hierarchy = "starts_at"
