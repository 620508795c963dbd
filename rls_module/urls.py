"""The staff's addresses, mounted by the host wherever it likes; the patient's too, where a host mounts nothing else."""

from __future__ import annotations

from django.urls import include, path

app_name = "rls"

urlpatterns = [
    path("", include("rls_module.outcomes.urls")),
    path("", include("rls_module.intake.urls")),
    path("", include("rls_module.assessment.urls")),
    path("", include("rls_module.plans.urls")),
    path("", include("rls_module.visits.urls")),
    path("", include("rls_module.cases.urls")),
    path("", include("rls_module.followups.urls")),
    path("api/v1/", include("rls_module.api.urls")),
    path("q/", include("rls_module.surveys.urls")),
]
