"""Every test begins with nobody counted."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nobody_is_counted(db: None) -> None:
    """The table of the cache is no model's: the flush between tests passes it by."""
    cache.clear()
