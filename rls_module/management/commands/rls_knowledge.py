"""`manage.py rls_knowledge`: the questionnaires and word lists that the module works by."""

from __future__ import annotations

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rls_module.host import adapter
from rls_module.host.actor import system
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.knowledge.exercises import library as exercises
from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import fhir, importing, limits, loading, writing
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.knowledge.papers import loading as papers
from rls_module.knowledge.protocols import loading as protocols
from rls_module.knowledge.vocabulary import loading as vocabulary
from rls_module.library import actions, queries
from rls_module.management.scope import chosen_scope

EXAMPLE = """examples:
  rls_knowledge list                                   what there is, shipped and imported
  rls_knowledge check                                  is all of it whole?
  rls_knowledge check sleep.toml                       could this file be imported?
  rls_knowledge show rls_checkin --language es         what it asks
  rls_knowledge import sleep.toml --scope riverside    keep it as the clinic's own
  rls_knowledge export x-sleep --format fhir           write it as a FHIR R4 Questionnaire"""

VOCABULARIES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "muscles": vocabulary.muscles,
    "regions": vocabulary.regions,
    "criteria": vocabulary.criteria,
    "medicines": vocabulary.medicines,
    "side_effects": vocabulary.side_effects,
    "mimics": vocabulary.mimics,
    "red_flags": vocabulary.red_flags,
    "exercises": exercises.shipped,
    "papers": papers.everything,
}


class Command(BaseCommand):
    """List, check, show, import and export. Every mistake of a file is told by file, place and reason."""

    help = "Questionnaires and word lists: list, check, show, import, export."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the examples' lines apart in --help."""
        return super().create_parser(
            prog_name, subcommand, epilog=EXAMPLE, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One verb, and what it needs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="what there is")
        check = verbs.add_parser("check", help="read all of it; or read one file and say what is wrong with it")
        check.add_argument("file", nargs="?", type=Path, help="a file that could be imported")
        show = verbs.add_parser("show", help="what a questionnaire asks")
        take = verbs.add_parser("import", help="keep a TOML file or a FHIR R4 Questionnaire as the clinic's own")
        take.add_argument("file", type=Path)
        take.add_argument("--holder", default="", help="who permits the words, where they are somebody else's")
        take.add_argument("--granted-on", type=_day, metavar="DATE", help="from which day; today where left out")
        take.add_argument("--expires-on", type=_day, metavar="DATE", help="until which day, that day included")
        give = verbs.add_parser("export", help="write a questionnaire out")
        give.add_argument("--format", choices=["toml", "fhir"], default="toml")
        for one in (show, give):
            one.add_argument("key")
            one.add_argument("--version", type=int, dest="number", help="the newest where left out")
            one.add_argument("--language", default="en")
        for one in (show, give, take):
            one.add_argument("--scope", help="the clinic; needed for what is imported, where there are several")

    def handle(self, *args: Any, **options: Any) -> None:
        """One verb inward."""
        try:
            getattr(self, f"_{options['verb']}")(options)
        except KnowledgeError as mistake:
            raise CommandError(str(mistake)) from None

    def _list(self, options: dict[str, Any]) -> None:
        for one in map(loading.shipped, loading.shipped_keys()):
            self.stdout.write(_line(one, "shipped"))
        for (key, version), _structure in loading.skeletons().items():
            self.stdout.write(f"{key:<24} v{version}  {'-':<10} structure without words, for a licensed import")
        for key in protocols.shipped_keys():
            self.stdout.write(f"{key:<24} v{protocols.shipped(key).version}  {'-':<10} protocol, shipped")
        for name, rows in VOCABULARIES.items():
            self.stdout.write(f"{name:<24} {len(rows())} entries")
        for scope, context in adapter().scopes():
            with context:
                for row in queries.imported(scope):
                    state = "retired" if row.retired_at else "imported"
                    self.stdout.write(_line(queries.instrument_in(row), f"{scope}, {state}"))

    def _check(self, options: dict[str, Any]) -> None:
        if options["file"] is not None:
            self._say(_read(options["file"]))
            self.stdout.write("It can be imported.")
            return
        problems = loading.verify_released()
        for problem in problems:
            self.stdout.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems)} files are not what was released.")
        count = sum(1 for _one in _everything())
        self.stdout.write(f"{count} files and imports are whole")

    def _show(self, options: dict[str, Any]) -> None:
        instrument = _instrument(options)
        if options["language"] not in instrument.languages:
            raise CommandError(f"It is there in {', '.join(instrument.languages)}.", returncode=2)
        words = instrument.words(options["language"])
        self.stdout.write(f"{words.title} ({instrument.key} v{instrument.version})\n{instrument.licence}")
        for item in instrument.items:
            self.stdout.write(f"\n{item.key}: {words.items[item.key].text}")
            for option in item.options:
                self.stdout.write(f"  [{option.key}] {words.items[item.key].label(option.key)}")

    def _import(self, options: dict[str, Any]) -> None:
        scope, context = chosen_scope(options["scope"])
        found = _read(options["file"])
        self._say(found)
        with context:
            granted = options["granted_on"] or clinic_day(now(), scope)
            permission = (
                actions.Permission(options["holder"], granted, options["expires_on"]) if options["holder"] else None
            )
            if permission is None and (options["granted_on"] or options["expires_on"]):
                raise CommandError("--granted-on and --expires-on go with --holder.", returncode=2)
            actor = system("rls_knowledge")
            try:
                row = actions.import_instrument(
                    scope=scope, instrument=found.instrument, permission=permission, actor=actor, now=now()
                )
            except actions.NotNext as known:
                said = f"{scope} has version {known.newest} of it already; a correction has a higher number."
                raise CommandError(said) from None
            except Stale:
                raise CommandError(f"Somebody imported it for {scope} at the same moment.") from None
        self.stdout.write(f"{scope}: {row.key} v{row.version} is imported; a protocol can ask it.")

    def _export(self, options: dict[str, Any]) -> None:
        instrument = _instrument(options)
        if instrument.is_licensed:
            raise CommandError("Its words are somebody else's: they leave in no export.")
        if options["format"] == "toml":
            self.stdout.write(writing.to_toml(instrument), ending="")
            return
        if options["language"] not in instrument.languages:
            raise CommandError(f"It is there in {', '.join(instrument.languages)}.", returncode=2)
        written = fhir.write(instrument, options["language"])
        self.stdout.write(json.dumps(written.resource, indent=2, ensure_ascii=False))
        for one in written.left_out:
            self.stderr.write(f"not in it: {one}")

    def _say(self, found: importing.Reading) -> None:
        self.stdout.write(_line(found.instrument, f"{sum(item.is_asked for item in found.instrument.items)} questions"))
        for remark in found.remarks:
            self.stdout.write(f"  mind: {remark}")


def _line(one: Instrument, about: str) -> str:
    return f"{one.key:<24} v{one.version}  {','.join(one.languages):<10} {about}"


def _read(path: Path) -> importing.Reading:
    try:
        limits.check_size(path.stat().st_size, file=path.name)
        content = path.read_bytes()
    except OSError as problem:
        raise CommandError(f"{path}: {problem.strerror}", returncode=2) from None
    return importing.read(content, file=path.name, skeletons=loading.skeletons())


def _everything() -> Iterator[object]:
    """Read all that is shipped and all that was imported, one by one; a mistake is raised as KnowledgeError."""
    yield from map(loading.shipped, loading.shipped_keys())
    yield from loading.skeletons()
    yield from map(protocols.shipped, protocols.shipped_keys())
    yield from (rows() for rows in VOCABULARIES.values())
    for scope, context in adapter().scopes():
        with context:
            yield from map(queries.instrument_anew, queries.imported(scope))


def _instrument(options: dict[str, Any]) -> Instrument:
    key, number = options["key"], options["number"]
    try:
        if queries.is_shipped(key):
            return loading.shipped(key, number)
        scope, context = chosen_scope(options["scope"])
        with context:
            version = number or queries.to_ask(key, scope=scope, on=clinic_day(now(), scope))[0]
            return queries.instrument(key, version, scope=scope)
    except KeyError:
        raise CommandError(f"There is no {key!r}; `rls_knowledge list` says what there is.", returncode=2) from None


def _day(text: str) -> date:
    return date.fromisoformat(text)
