"""The app as Django sees it: one label, one entry in INSTALLED_APPS."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RlsModuleConfig(AppConfig):
    """The only entry a host adds to INSTALLED_APPS."""

    name = "rls_module"
    label = "rls_module"
    verbose_name = _("Restless legs care")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rls_module import checks  # noqa: F401  registered by being imported, once the apps are loaded
