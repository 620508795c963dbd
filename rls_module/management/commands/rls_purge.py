"""`manage.py rls_purge`: retention. Erases what is past its time and under no hold."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand

from rls_module import conf
from rls_module.audit import purging
from rls_module.cases import queries
from rls_module.host import adapter
from rls_module.host.actor import system
from rls_module.host.clock import database_now

DAYS_A_YEAR = 365.25


class Command(BaseCommand):
    """Take away old audit events; --dry-run only counts them."""

    help = "Erase audit events older than AUDIT_YEARS, but those of patients under a hold. Example: rls_purge --dry-run"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option."""
        parser.add_argument("--dry-run", action="store_true", help="say how many, erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Every scope, and what belongs to none."""
        before = database_now() - timedelta(days=DAYS_A_YEAR * conf.get("AUDIT_YEARS"))
        for scope, context in adapter().scopes():
            with context:
                for chain in (scope, ""):
                    self._purge(chain, before, is_dry=options["dry_run"])

    def _purge(self, scope: str, before: datetime, *, is_dry: bool) -> None:
        held = queries.held_patients()
        if is_dry:
            count = purging.past_their_time(scope, before=before, held=held)[1].count()
        else:
            count = purging.purge(scope, before=before, held=held, actor=system("rls_purge"))
        name, verb = scope or "(no scope)", "would go" if is_dry else "erased"
        self.stdout.write(f"{name}: {count} audit events of before {before:%Y-%m-%d} {verb}")
