"""`manage.py rls_doctor`: the self-check of an installation."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand

from rls_module.doctor import Finding, Options, examine

EXAMPLE = """examples:
  rls_doctor                              everything, in every scope
  rls_doctor --scope riverside --user 7   what user 7 may see and do there
  rls_doctor --strict --json              for monitoring: warnings fail too
  rls_doctor --send-test me@example.org   also sends one mail, the only thing it ever does"""
SIGNS = {"ok": "ok  ", "warning": "warn", "failure": "FAIL"}


class Command(BaseCommand):
    """Look at the installation and say how it stands; exit 1 where something must be put right."""

    help = "Check this installation: settings, tables, adapter, addresses, mail, engine, clocks. Reads only."
    requires_system_checks: list[str] = []  # it runs them itself, and says in one report what they find

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the examples' lines apart in --help."""
        return super().create_parser(
            prog_name, subcommand, epilog=EXAMPLE, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to look at, and how to say it."""
        parser.add_argument("--scope", help="one clinic, as the adapter's scopes() names it; all where left out")
        parser.add_argument("--patient", metavar="PK", help="the patient to ask the adapter about")
        parser.add_argument("--user", metavar="PK", help="a member of staff: what may they see and do?")
        parser.add_argument("--send-test", metavar="ADDRESS", help="send one test mail to this address")
        parser.add_argument("--strict", action="store_true", help="warnings fail too")
        parser.add_argument("--json", action="store_true", help="the same as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, say, and end with 0 or 1."""
        asked = Options(**{name: options[name] for name in ("scope", "patient", "user", "send_test")})
        failing = {"failure", "warning"} if options["strict"] else {"failure"}
        found = list(examine(asked))
        is_ok = not any(one.level in failing for one in found)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": is_ok, "checks": [_plain(one, failing) for one in found]}))
        else:
            self._say(found, is_ok=is_ok)
        if not is_ok:
            sys.exit(1)

    def _say(self, found: Sequence[Finding], *, is_ok: bool) -> None:
        width = max(len(one.id) for one in found)
        for one in found:
            self.stdout.write(f"{SIGNS[one.level]}  {one.id:<{width}}  {one.message}")
            if one.hint and one.level != "ok":
                self.stdout.write(f"{'':>{width + 8}}-> {one.hint}")
        counts = {level: sum(one.level == level for one in found) for level in SIGNS}
        self.stdout.write(f"{counts['failure']} failures, {counts['warning']} warnings, {counts['ok']} well")
        self.stdout.write("This installation is sound." if is_ok else "Something must be put right; see FAIL above.")


def _plain(one: Finding, failing: set[str]) -> dict[str, Any]:
    return {"id": one.id, "ok": one.level not in failing, "message": one.message, "level": one.level, "hint": one.hint}
