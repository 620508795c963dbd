"""Keep the plugin's translations: gather what it says, bring each `.po` up to date, compile the `.mo` beside it.

    python tools/messages.py            writes rls_module/locale/*/LC_MESSAGES/django.po and .mo
    python tools/messages.py --check    writes nothing; 1 where a patient would read English, or a file does not fit

Needs no GNU gettext. Translations are kept; what the code says no longer stays in the .po as obsolete, for its words.
A patient's sentence without a translation is a fault; one of the staff's pages is only counted.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOR_THE_PATIENT = "The patient reads this."

# Arguments of Django's functions: where context, singular and plural stand.
_SHAPES: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"(?<!\w)(n?p?gettext|_)\(({_STRING}(?:, {_STRING})*)")
_OTHER_TEMPLATE = re.compile(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""")
_PLACE = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w+\}")
_PATIENTS_PYTHON = ("surveys/", "questionnaire/", "followups/emails.py")
_PATIENTS_TEMPLATES = ("rls_module/surveys/", "rls_module/emails/", "rls_module/papers/")


@dataclass(frozen=True, slots=True)
class Said:
    """One message in one place of the code."""

    context: str | None
    singular: str
    plural: str | None
    path: str
    line: int

    @property
    def key(self) -> tuple[str | None, str]:
        """What a catalogue finds it by."""
        return self.context, self.singular


class NotLiteral(Exception):
    """A call to gettext whose words no tool can read."""


def main() -> int:
    """Write or check the catalogues of a package, the plugin's own unless another is named."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="write nothing, name what is missing or stale")
    arguments.add_argument("package", nargs="?", type=Path, default=ROOT / "rls_module")
    given = arguments.parse_args()
    said = list(gathered(given.package))
    catalogues = sorted(given.package.glob("locale/*/LC_MESSAGES/django.po"))
    if not given.check:
        for path in catalogues:
            update(path, said, patients(given.package, said))
    found = [] if catalogues else ["there is no catalogue"]
    for path in catalogues:
        sys.stdout.write(f"{_summary(path, said)}\n")
        found += problems(path, said, patients(given.package, said))
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    return 1 if found else 0


# Gathering


def gathered(package: Path) -> Iterator[Said]:
    """Yield every message of the package's Python and templates, by path and line."""
    for path in sorted(package.rglob("*.py")):
        yield from _of_python(path, package)
    for path in sorted((package / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            yield from _of_template(path, package)


def _of_python(path: Path, package: Path) -> Iterator[Said]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.asname or alias.name: _SHAPES[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in _SHAPES
    }
    place = path.relative_to(package).as_posix()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if shape := _shape_of(node.func, names):
            yield Said(*(_literal(node, at, place) for at in shape), place, node.lineno)  # type: ignore[arg-type]


def _shape_of(
    called: ast.expr, names: dict[str, tuple[int | None, int, int | None]]
) -> tuple[int | None, int, int | None] | None:
    match called:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=ast.Name(id="translation"), attr=name):
            return _SHAPES.get(name)
    return None


def _literal(call: ast.Call, at: int | None, place: str) -> str | None:
    if at is None:
        return None
    match call.args[at : at + 1]:
        case [ast.Constant(value=str(words))]:
            return words
    raise NotLiteral(f"{place}:{call.lineno}: gettext is called with words that are not written there")


def _of_template(path: Path, package: Path) -> Iterator[Said]:
    """Read Django's own rewriting of a template, in which every message is a call on one line."""
    place, source = path.relative_to(package).as_posix(), path.read_text(encoding="utf-8")
    for name, written in _CALL.findall(templatize(source, origin=place)):
        words = [ast.literal_eval(one) for one in re.findall(_STRING, written)]
        context = words.pop(0) if name in ("pgettext", "npgettext") else None
        plural = words[1] if name in ("ngettext", "npgettext") else None
        yield Said(context, words[0], plural, place, _line_of(words[0], source))


def _line_of(words: str, source: str) -> int:
    """Return where a message stands in a template; the rewriting has lines of its own."""
    return source.count("\n", 0, max(0, source.find(max(_PLACE.split(words), key=len)))) + 1


def patients(package: Path, said: Iterable[Said]) -> set[tuple[str | None, str]]:
    """Return the messages that a patient can see: of the patient's rooms, and of every template that theirs draw in."""
    templates = package / "templates"
    open_ends = {
        path.relative_to(templates).as_posix()
        for path in templates.rglob("*.*")
        if path.relative_to(templates).as_posix().startswith(_PATIENTS_TEMPLATES)
    }
    seen: set[str] = set()
    while open_ends:
        name = open_ends.pop()
        seen.add(name)
        if (templates / name).is_file():
            open_ends |= set(_OTHER_TEMPLATE.findall((templates / name).read_text(encoding="utf-8"))) - seen
    theirs = {f"templates/{name}" for name in seen}
    return {one.key for one in said if one.path in theirs or one.path.startswith(_PATIENTS_PYTHON)}


# Writing


def update(path: Path, said: Iterable[Said], patient: set[tuple[str | None, str]]) -> None:
    """Bring a .po to what the code says now, its translations kept, and compile it; the same input, the same bytes."""
    known = polib.pofile(str(path), wrapwidth=110)
    before = {(entry.msgctxt, entry.msgid): entry for entry in known}
    places: dict[tuple[str | None, str], list[Said]] = {}
    for one in said:
        places.setdefault(one.key, []).append(one)
    fresh = polib.POFile(wrapwidth=110)
    fresh.header, fresh.metadata = known.header, known.metadata
    for key, found in places.items():
        fresh.append(_entry(found, before.pop(key, None), is_patients=key in patient))
    for entry in before.values():
        if entry.translated() or entry.obsolete:
            entry.obsolete, entry.occurrences, entry.comment = True, [], ""
            fresh.append(entry)
    fresh.save(str(path))
    path.with_suffix(".mo").write_bytes(compiled(path))


def _entry(found: list[Said], known: polib.POEntry | None, *, is_patients: bool) -> polib.POEntry:
    first = found[0]
    plural = next((one.plural for one in found if one.plural), None)
    entry = polib.POEntry(msgctxt=first.context, msgid=first.singular, msgid_plural=plural or "")
    entry.occurrences = [(path, "") for path in dict.fromkeys(one.path for one in found)]
    entry.comment = FOR_THE_PATIENT if is_patients else ""
    entry.flags = ["python-format"] if "%" in first.singular else []
    if plural:
        entry.msgstr_plural = (known.msgstr_plural if known else None) or {0: "", 1: ""}
    else:
        entry.msgstr = known.msgstr if known else ""
    if known:
        entry.tcomment = known.tcomment
        entry.flags += ["fuzzy"] if "fuzzy" in known.flags else []
    return entry


def compiled(path: Path) -> bytes:
    """Return the .mo of a .po: its finished translations, in order, and nothing of the day or the machine."""
    return bytes(polib.pofile(str(path)).to_binary())


# Checking


def problems(path: Path, said: Iterable[Said], patient: set[tuple[str | None, str]]) -> Iterator[str]:
    """Yield what is wrong with a catalogue, each with the place to go to."""
    here = "/".join(path.parts[-5:])
    entries = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path)) if not entry.obsolete}
    first = {one.key: one for one in reversed(list(said))}
    for key in sorted(patient, key=lambda one: (first[one].path, first[one].line)):
        if key not in entries or not entries[key].translated():
            yield f"{first[key].path}:{first[key].line}: a patient would read English: {key[1]!r}"
        elif first[key].plural and not all(entries[key].msgstr_plural.values()):
            yield f"{first[key].path}:{first[key].line}: a form of the plural is missing: {key[1]!r}"
    for entry in entries.values():
        if entry.translated() and (wrong := _misfit(entry)):
            yield f"{here}:{entry.linenum}: {wrong}: {entry.msgid!r}"
    if not path.with_suffix(".mo").is_file() or path.with_suffix(".mo").read_bytes() != compiled(path):
        yield f"{here}: the .mo beside it is not compiled from it; run tools/messages.py"


def _misfit(entry: polib.POEntry) -> str:
    """Return what makes a translation unfit to stand for its message, or nothing."""
    pairs = [(entry.msgid, entry.msgstr)]
    if entry.msgid_plural:
        pairs = [(entry.msgid_plural if form else entry.msgid, said) for form, said in entry.msgstr_plural.items()]
    for original, translated in pairs:
        if sorted(_PLACE.findall(original)) != sorted(_PLACE.findall(translated)):
            return "other placeholders than the message"
        if original[:1].isspace() != translated[:1].isspace() or original[-1:].isspace() != translated[-1:].isspace():
            return "other white space at an end than the message"
    return ""


def _summary(path: Path, said: Iterable[Said]) -> str:
    entries = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path)) if not entry.obsolete}
    keys = {one.key for one in said}
    missing = [msgid for key in keys if not (key in entries and entries[key].translated()) for msgid in key[1:]]
    unused = len(entries.keys() - keys)
    return (
        f"{path.parts[-3]}: {len(keys) - len(missing)} of {len(keys)} messages translated, {unused} not used any more"
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotLiteral as fault:
        sys.exit(str(fault))
