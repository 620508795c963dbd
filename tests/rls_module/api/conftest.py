"""What the tests of this folder share."""

from __future__ import annotations

from tests.rls_module.host.pages import at

__all__ = ["at"]
