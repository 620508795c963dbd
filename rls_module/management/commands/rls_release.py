"""`manage.py rls_release`: erases the plugin's rows of one patient, so that the host may delete the patient."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rls_module.cases import actions, queries
from rls_module.host.actor import system
from rls_module.host.adapter import databases


class Command(BaseCommand):
    """Erase, or with --dry-run count, everything that hangs from one patient's chart."""

    help = "Erase the plugin's rows of one patient. Example: rls_release 17 --reason 'letter of 2 May'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, and why."""
        parser.add_argument("patient", metavar="PK", help="the patient, by the host's key")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; kept in the audit")
        parser.add_argument("--scope", help="the patient's clinic, where two have a patient with this key")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the one chart that is meant, one call inward, say what went."""
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Say why: --reason can't be empty.", returncode=2)
        key, scopes = options["patient"], _scopes_of(options["patient"])
        wanted = scopes if options["scope"] is None else scopes & {options["scope"]}
        if not wanted:
            raise CommandError("The plugin has no chart of such a patient: nothing to erase.")
        if len(wanted) > 1:
            names = ", ".join(sorted(wanted))
            raise CommandError(
                f"Several clinics have such a patient, name one by --scope: {names}. Nothing was erased."
            )
        for context in databases():
            with context:
                chart = queries.chart_of_key(key)
                if chart is not None and chart.scope in wanted:
                    self._release(chart, reason, is_dry=options["dry_run"])
                    return

    def _release(self, chart: Any, reason: str, *, is_dry: bool) -> None:
        if is_dry:
            counts = {rows.model._meta.model_name or "": rows.count() for rows in queries.rows_of(chart)}
        else:
            try:
                counts = actions.release(chart=chart, reason=reason, actor=system("rls_release"))
            except actions.Held:
                actions.refuse_release(chart=chart, reason=reason, actor=system("rls_release"))
                raise CommandError("A legal hold stands on this patient: nothing was erased. Lift it first.") from None
        for kind, count in counts.items():
            if count:
                self.stdout.write(f"{count:>6}  {kind}")
        self.stdout.write("would be erased" if is_dry else "erased; the host may delete the patient now")


def _scopes_of(key: str) -> set[str]:
    """Return every clinic that has a chart of this key: where each has a database, two patients may share one."""
    found = set()
    for context in databases():
        with context:
            chart = queries.chart_of_key(key)
            if chart is not None:
                found.add(chart.scope)
    return found
