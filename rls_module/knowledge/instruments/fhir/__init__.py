"""FHIR R4 Questionnaires as instruments, and the other way round; docs/instruments.md has the table."""

from __future__ import annotations

from rls_module.knowledge.instruments.fhir.reading import read
from rls_module.knowledge.instruments.fhir.writing import Writing, write

__all__ = ["Writing", "read", "write"]
