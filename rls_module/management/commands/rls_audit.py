"""`manage.py rls_audit`: who saw or did what with one patient's records; whether the audit is whole; its grants."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rls_module.audit import verifying
from rls_module.audit.models import AuditEvent, Seal
from rls_module.host import adapter
from rls_module.host.adapter import databases
from rls_module.host.clock import database_now
from rls_module.outcomes import queries

DOOR = "rls_module_erasure"  # triggers look whether it is open; only who erases may open it


class Command(BaseCommand):
    """Answer a patient's question: who has opened my records?"""

    help = (
        "Who saw one patient's records; is the audit whole. Examples: rls_audit report --patient 17; rls_audit verify"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Three verbs: report, verify, grants."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        report = verbs.add_parser("report", help="who saw or did what with one patient's records")
        report.add_argument("--patient", required=True, metavar="PK", help="the patient, by the host's key")
        report.add_argument("--scope", help="the patient's clinic, where two have a patient with this key")
        report.add_argument("--limit", type=int, default=queries.MOST_EVENTS, help="most events, the newest (500)")
        report.add_argument("--json", action="store_true", help="the same as JSON")
        verify = verbs.add_parser("verify", help="hold every event against its seal; 1 where something does not fit")
        verify.add_argument("--scope", help="one clinic's chain; all where left out")
        verify.add_argument("--head", default="", metavar="SCOPE:NUMBER:HASH", help="a head that the log told")
        verify.add_argument("--json", action="store_true", help="the same as JSON")
        grants = verbs.add_parser("grants", help="the SQL that lets a PostgreSQL role add to the audit and read it")
        grants.add_argument("--role", required=True, help="the database role of the web site and the engine")

    def handle(self, *args: Any, **options: Any) -> None:
        """Parse, one call inward, answer."""
        match options["verb"]:
            case "verify":
                self._verify(options["scope"], options["head"], as_json=options["json"])
            case "grants":
                self._grants(options["role"])
            case _:
                self._report(options)

    def _verify(self, only: str | None, head: str, *, as_json: bool) -> None:
        scope, kept = _parsed(head) if head else ("", None)
        moment, faults, chains = database_now(), [], 0
        for context in databases():
            with context:
                there = {*verifying.scopes(), *([scope] if kept else [])}
                for one in sorted(there if only is None else {only}):
                    chains += 1
                    faults += verifying.verify(one, now=moment, kept_head=kept if one == scope else None)
        found = sorted({(fault.kind, fault.scope, fault.ref) for fault in faults})
        if as_json:
            self.stdout.write(json.dumps({"ok": not found, "faults": found}))
        else:
            for kind, where, ref in found:
                self.stdout.write(f"{kind:<9} {where or '(no scope)'}  {ref}")
            self.stdout.write(f"{chains} chains read, {len(found)} faults")
        if found:
            raise CommandError("The audit is not whole." if not as_json else "")

    def _grants(self, role: str) -> None:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", role):
            raise CommandError("A role's name has letters, digits and _ only.", returncode=2)
        for table in (AuditEvent._meta.db_table, Seal._meta.db_table):
            self.stdout.write(f"REVOKE ALL ON {table} FROM {role};")
            self.stdout.write(f"GRANT SELECT, INSERT ON {table} TO {role};")
            self.stdout.write(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {role};")
        self.stdout.write(f"REVOKE ALL ON {DOOR} FROM {role};")
        self.stdout.write(f"GRANT SELECT ON {DOOR} TO {role};")

    def _report(self, options: dict[str, Any]) -> None:
        reports = dict(_reports(options["patient"], options["scope"], options["limit"]))
        if not reports:
            raise CommandError("The host has no such patient.")
        if len(reports) > 1:
            raise CommandError(f"Several clinics have such a patient, name one by --scope: {', '.join(reports)}.")
        [found] = reports.values()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found], default=str))
            return
        for one in found:
            outcome = "refused" if one.is_refused else "done"
            self.stdout.write(f"{one.at:%Y-%m-%d %H:%M:%S}  {one.who:<30} {one.verb:<20} {outcome:<8} {one.purpose}")
        self.stdout.write(f"{len(found)} events")


def _parsed(head: str) -> tuple[str, tuple[int, str]]:
    scope, number, value = [*head.rsplit(":", 2), "", ""][:3]
    if not number.isdigit() or not value:
        raise CommandError("--head is SCOPE:NUMBER:HASH, as the log tells it.", returncode=2)
    return scope, (int(number), value)


def _reports(key: str, wanted: str | None, limit: int) -> Iterator[tuple[str, list[queries.Witnessed]]]:
    """Yield the events of every clinic that has a patient with this key: keys of two clinics may be the same."""
    for scope, context in adapter().scopes():
        if wanted in (None, scope):
            with context:
                patient = _patient(key)
                if patient is not None and adapter().scope_of(patient) == scope:
                    yield scope, queries.witnessed(patient.pk, limit=limit)


def _patient(key: str) -> Any:
    try:
        return adapter().patients().filter(pk=key).first()
    except (ValueError, TypeError):
        return None
