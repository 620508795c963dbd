"""Where the plugin meets its host: one patient-model setting, one adapter class, one settings dict."""

from __future__ import annotations

from rls_module.host.adapter import Birth, Brand, HostAdapter, Respondent, adapter
from rls_module.host.address import client_address
from rls_module.host.migration import patient_migration, patient_model
from rls_module.host.registry import ACTIONS

__all__ = [
    "ACTIONS",
    "Birth",
    "Brand",
    "HostAdapter",
    "Respondent",
    "adapter",
    "client_address",
    "patient_migration",
    "patient_model",
]
