"""The host's records in Django admin, each admin seeing the own clinic only. No record of the plugin is here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clinic import queries
from clinic.models import Clinic, Patient, Staff, Visit


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
class StaffAdmin(OwnClinicAdmin):
    """Who works in the own clinic, and as what."""

    list_display = ["printed_name", "role", "clinic"]

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
