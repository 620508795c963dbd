"""`manage.py rls_export`: a clinic's registry as files in a folder, for whoever runs the system."""

from __future__ import annotations

import json
import os
import shutil
from argparse import ArgumentParser
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from rls_module.host import adapter
from rls_module.host.actor import system
from rls_module.host.clock import clinic_day, now
from rls_module.management.scope import chosen_scope
from rls_module.outcomes import actions, cells
from rls_module.outcomes.queries import exported

EXAMPLE = "Example: rls_export --scope riverside --out /srv/registry-2026-09"
_ONLY_OURS = 0o600
_ENGINE = system("rls_export")


class Command(BaseCommand):
    """Write the registry, de-identified unless asked otherwise; every patient in it leaves a read in the audit."""

    help = (
        "Write a clinic's registry as CSV files with a codebook: nobody named, days instead of dates, only who agreed "
        f"to research. The folder must not be there yet. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, whose, and how much."""
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a folder that is not there yet")
        parser.add_argument("--scope", help="the clinic; needed where there are several")
        parser.add_argument("--format", default="csv", choices=["csv"], help="kind of files (csv)")
        parser.add_argument("--identified", action="store_true", help="with names, dates and words, of every patient")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write beside the folder, record, then move into place: no file without its witness, and no half a folder."""
        out: Path = options["out"].absolute()
        if out.exists():
            raise CommandError(f"{out} is there already. Name a folder that is not.", returncode=2)
        if not out.parent.is_dir():
            raise CommandError(f"There is no folder {out.parent}.", returncode=2)
        scope, context = chosen_scope(options["scope"])
        half = Path(mkdtemp(prefix=f".{out.name}-", dir=out.parent))  # for its owner's eyes only
        try:
            with context:
                tables, count = _write(half, scope, is_identified=options["identified"])
                half.rename(out)
        except OSError as problem:
            raise CommandError(f"It could not be written: {problem.strerror}. Nothing was left behind.") from None
        except DatabaseError as problem:
            raise CommandError(f"The database failed ({type(problem).__name__}). Nothing was left behind.") from None
        finally:
            shutil.rmtree(half, ignore_errors=True)
        for name, about in tables.items():
            self.stdout.write(f"{about['rows']:>9}  {name}")
        self.stdout.write(f"{scope}: {count} patients in {out}")


def _write(folder: Path, scope: str, *, is_identified: bool) -> tuple[dict[str, Any], int]:
    """Write the files and record them; return what each table holds, and how many patients are in it."""
    moment, charts = now(), exported.charts_of(scope)
    if is_identified:
        contents = exported.identified(charts)
    else:
        charts = exported.for_research(charts, on=clinic_day(moment, scope))
        contents = exported.de_identified(charts, zone=adapter().brand(scope).zone)

    def put(name: str, pieces: Iterable[bytes]) -> None:
        with open(folder / name, "xb", opener=_private) as file:
            file.writelines(pieces)

    tables = cells.write(contents.sheets, put)
    manifest = {"kind": "registry", "is_identified": is_identified, "tables": tables}
    said = json.dumps(manifest, indent=1).encode()
    put(exported.README, [contents.readme.encode()])
    put(exported.MANIFEST, [said])
    actions.record_made(
        charts=charts,
        verb="export.identified" if is_identified else "export.create",
        scope=scope,
        sha256=sha256(said).hexdigest(),
        reader=_ENGINE,
        maker=_ENGINE,
    )
    return tables, len(charts)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _ONLY_OURS)
