"""`manage.py rls_purge`: retention. Erases what is past its time and under no hold."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from rls_module import conf
from rls_module.audit import purging, sealing
from rls_module.cases import queries
from rls_module.host.actor import system
from rls_module.host.adapter import databases
from rls_module.host.clock import database_now

DAYS_A_YEAR = 365.25


class Command(BaseCommand):
    """Take away old audit events; --dry-run only counts them."""

    help = "Erase audit events older than AUDIT_YEARS, but those of patients under a hold. Example: rls_purge --dry-run"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option."""
        parser.add_argument("--dry-run", action="store_true", help="say how many, erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Every scope that has events, and what belongs to none."""
        years = conf.get("AUDIT_YEARS")
        if years < 1:
            raise CommandError(f"AUDIT_YEARS is {years}: events are kept for a year at least.")
        before = database_now() - timedelta(days=DAYS_A_YEAR * years)
        for context in databases():
            with context:
                for scope in list(sealing.scopes()):
                    self._purge(scope, before, is_dry=options["dry_run"])

    def _purge(self, scope: str, before: datetime, *, is_dry: bool) -> None:
        held = queries.held_patients()
        name, verb = scope or "(no scope)", "would go" if is_dry else "erased"
        try:
            if is_dry:
                count = purging.past_their_time(scope, before=before, held=held)
            else:
                count = purging.purge(scope, before=before, held=held, actor=system("rls_purge"))
        except IntegrityError:
            raise CommandError(f"{name}: the engine sealed in the same moment, nothing went. Run it again.") from None
        self.stdout.write(f"{name}: {count} audit events of before {before:%Y-%m-%d} {verb}")
