"""What only a live installation can tell about itself, section by section; it reads and changes nothing."""

from __future__ import annotations

from rls_module.doctor.examination import Options, examine
from rls_module.doctor.finding import Finding

__all__ = ["Finding", "Options", "examine"]
