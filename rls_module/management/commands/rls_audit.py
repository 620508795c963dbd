"""`manage.py rls_audit`: who saw or did what with one patient's records."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rls_module.host import adapter
from rls_module.outcomes import queries


class Command(BaseCommand):
    """Answer a patient's question: who has opened my records?"""

    help = "Report who saw or did what with one patient's records. Example: rls_audit report --patient 17"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One verb: report."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        report = verbs.add_parser("report", help="who saw or did what with one patient's records")
        report.add_argument("--patient", required=True, metavar="PK", help="the patient, by the host's key")
        report.add_argument("--limit", type=int, default=queries.MOST_EVENTS, help="most events, the newest (500)")
        report.add_argument("--json", action="store_true", help="the same as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the patient, say who was there."""
        try:
            patient = adapter().patients().filter(pk=options["patient"]).first()
        except (ValueError, TypeError):
            patient = None
        if patient is None:
            raise CommandError("The host has no such patient.")
        found = queries.witnessed(patient.pk, limit=options["limit"])
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found], default=str))
            return
        for one in found:
            outcome = "refused" if one.is_refused else "done"
            self.stdout.write(f"{one.at:%Y-%m-%d %H:%M:%S}  {one.who:<30} {one.verb:<20} {outcome:<8} {one.purpose}")
        self.stdout.write(f"{len(found)} events")
