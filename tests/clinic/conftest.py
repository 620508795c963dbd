"""The demo's stories, built once in each worker: it takes some fifteen seconds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinic.storybook import NOW, Demo, built


@pytest.fixture(scope="session")
def storied(django_db_setup: None, django_db_blocker: Any) -> Demo:
    """The whole demo at NOW, read out of the database."""
    return built(NOW, django_db_blocker)
