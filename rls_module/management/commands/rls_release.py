"""`manage.py rls_release`: erases the plugin's rows of one patient, so that the host may delete the patient."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rls_module.cases import actions, queries
from rls_module.host import adapter
from rls_module.host.actor import system


class Command(BaseCommand):
    """Erase, or with --dry-run count, everything that hangs from one patient's chart."""

    help = "Erase the plugin's rows of one patient. Example: rls_release 17 --reason 'letter of 2 May'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, and why."""
        parser.add_argument("patient", metavar="PK", help="the patient, by the host's key")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; kept in the audit")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the chart in whichever scope it is, one call inward, say what went."""
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Say why: --reason can't be empty.", returncode=2)
        for _scope, context in adapter().scopes():
            with context:
                chart = queries.chart_of_key(options["patient"])
                if chart is not None:
                    self._release(chart, reason, is_dry=options["dry_run"])
                    return
        raise CommandError("The plugin has no chart of such a patient: nothing to erase.")

    def _release(self, chart: Any, reason: str, *, is_dry: bool) -> None:
        if is_dry:
            counts = {rows.model._meta.model_name or "": rows.count() for rows in queries.rows_of(chart)}
        else:
            try:
                counts = actions.release(chart=chart, reason=reason, actor=system("rls_release"))
            except actions.Held:
                raise CommandError("A legal hold stands on this patient: nothing was erased. Lift it first.") from None
        for kind, count in counts.items():
            if count:
                self.stdout.write(f"{count:>6}  {kind}")
        self.stdout.write("would be erased" if is_dry else "erased; the host may delete the patient now")
