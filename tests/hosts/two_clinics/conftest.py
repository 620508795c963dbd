"""These tests need this host's settings: `pytest --ds=tests.hosts.two_clinics.settings tests/hosts/two_clinics`.

In a run with other settings they are passed over; `tests/hosts/test_two_clinics.py` runs them there, in a process of
their own.
"""

from __future__ import annotations

from django.apps import apps

collect_ignore_glob = [] if apps.is_installed("tests.hosts.two_clinics") else ["test_*.py"]
