"""Writes the reference pages of docs/ from the code: settings, adapter, checks, requirements. `--check` only compares.

What a page says about a key, a method or a check stands in the code itself; what stands around it is in docs/_parts/.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Literal, Union, cast, get_args, get_origin

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from requirement_coverage import CONTRACTS, named_in  # noqa: E402  beside this file

from rls_module import conf  # noqa: E402  the project is found by its path, installed or not
from rls_module.host import ACTIONS, HostAdapter  # noqa: E402

DOCS = ROOT / "docs"
NOTE = "<!-- Written by tools/reference.py from {source}. Change the code, then run it again. -->\n\n"


def main() -> int:
    """Write the pages, or with --check say which are not current; the exit status is 1 when one is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is not current")
    only_checking = parser.parse_args().check
    stale = [name for name, text in pages().items() if not is_current(name, text)]
    for name in stale:
        if not only_checking:
            (DOCS / name).write_text(pages()[name], encoding="utf-8")
        print(f"docs/{name} {'is not current: run tools/reference.py' if only_checking else 'written'}")
    return 1 if stale and only_checking else 0


def pages() -> dict[str, str]:
    """Return every generated page by its name in docs/."""
    return {name: write() for name, write in PAGES.items()}


def is_current(name: str, text: str) -> bool:
    path = DOCS / name
    return path.exists() and path.read_text(encoding="utf-8") == text


# Requirements


def requirements_page() -> str:
    """Return which test names which requirement."""
    required = dict(line.split() for line in (CONTRACTS / "requirements.txt").read_text().splitlines())
    open_ones = set((CONTRACTS / "open.txt").read_text().split())
    proofs: dict[str, set[str]] = {name: set() for name in required}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in named_in(path.read_text(encoding="utf-8")):
            proofs.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    rows = [
        (name, priority, "open" if name in open_ones else "", ", ".join(f"`{one}`" for one in sorted(proofs[name])))
        for name, priority in required.items()
    ]
    table = _table(("Requirement", "Priority", "", "Named by tests in"), rows)
    return NOTE.format(source="tests/") + _part("requirements").replace("{table}", table)


# Settings


def settings_page() -> str:
    used = _keys_asked_for()
    rows = [
        (f"`{one.name}`", _type(one.type), _default(one.default), one.sentence + ("" if one.name in used else NOT_YET))
        for one in conf.TABLE
    ]
    table = _table(("Key", "Type", "Default", "Meaning"), rows)
    return NOTE.format(source="rls_module/conf.py") + _part("settings").replace("{table}", table)


NOT_YET = " *Accepted and checked, but nothing uses it yet.*"


def _keys_asked_for() -> set[str]:
    """The keys that code other than the checks reads."""
    found: set[str] = set()
    for path in (ROOT / "rls_module").rglob("*.py"):
        if "checks" not in path.parts:
            found |= set(re.findall(r'conf\.get\("(\w+)"\)', path.read_text(encoding="utf-8")))
    return found


def _type(kind: object) -> str:
    """Return a type in words: `int`, `str` or `None`, one of the words of a Literal."""
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_type(one) for one in get_args(kind))
    if get_origin(kind) is Literal:
        return " or ".join(f"`{one!r}`" for one in get_args(kind))
    if kind is NoneType:
        return "`None`"
    return f"`{kind.__name__ if isinstance(kind, type) and not get_args(kind) else kind}`"


def _default(value: object) -> str:
    return "**required**" if value is conf.REQUIRED else f"`{value!r}`"


# Adapter


def adapter_page() -> str:
    used = _methods_asked()
    rows = [
        (
            f"`{name}({', '.join(list(inspect.signature(method).parameters)[1:])})`",
            _promise(method),
            _answer(method),
            "yes" if name in used else "not yet",
        )
        for name, method in adapter_methods().items()
    ]
    whole = [f"```python\n{body}\n```" for body in _long_defaults()]
    text = _part("adapter")
    for name, value in {
        "methods": _table(("Method", "Promise", "Default", "Asked now"), rows),
        "defaults": "\n\n".join(whole),
        "with_patient": _actions(patient=True),
        "without_patient": _actions(patient=False),
    }.items():
        text = text.replace("{" + name + "}", value)
    return NOTE.format(source="rls_module/host/adapter.py and registry.py") + text


def adapter_methods() -> dict[str, Callable[..., object]]:
    """Return the public methods of HostAdapter in the order of the code."""
    return {name: value for name, value in vars(HostAdapter).items() if inspect.isfunction(value) and name[0] != "_"}


def _promise(method: Callable[..., object]) -> str:
    return " ".join((inspect.getdoc(method) or "").split())


def _without_docstring(method: Callable[..., object]) -> ast.FunctionDef:
    function = cast(ast.FunctionDef, ast.parse(textwrap.dedent(inspect.getsource(method))).body[0])
    del function.body[0]
    return function


def _answer(method: Callable[..., object]) -> str:
    match _without_docstring(method).body:
        case [ast.Return(value=value)] if value is not None:
            return f"`{ast.unparse(value)}`"
        case [ast.Expr(value=ast.Yield(value=value))] if value is not None:
            return f"yields `{ast.unparse(value)}`"
        case [ast.Raise()]:
            return "**none: it raises**"
    return "[below](#defaults-of-more-than-a-line)"


def _long_defaults() -> Iterator[str]:
    for method in adapter_methods().values():
        if _answer(method).startswith("[below]"):
            yield ast.unparse(_without_docstring(method))


def _methods_asked() -> set[str]:
    """The methods that the plugin calls now, directly or through another one's default."""
    found: set[str] = set()
    for path in (ROOT / "rls_module").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"\badapter\(\)\.(\w+)\(", text))
        found |= set(re.findall(r"\bself\.(\w+)\(", text)) if path.name == "adapter.py" else set()
    return found & set(adapter_methods())


def _actions(*, patient: bool) -> str:
    verbs: dict[str, list[str]] = {}
    for action in ACTIONS.values():
        if action.patient == patient:
            subject, verb = action.name.split(".")
            verbs.setdefault(subject, []).append(f"`{verb}`" + (r"\*" if action.gated else ""))
    return _table(("Object", "Verbs"), [(f"`{subject}`", " ".join(found)) for subject, found in verbs.items()])


# Checks


@dataclass(frozen=True, slots=True)
class Check:
    """One finding as the code words it."""

    id: str
    about: str
    says: str
    when: str


def checks_page() -> str:
    rows = [(f"`rls_module.{one.id}`", one.about, one.says, one.when) for one in checks()]
    table = _table(("Id", "About", "What it says and what to do", "Runs in"), rows)
    return NOTE.format(source="rls_module/checks/") + _part("checks").replace("{table}", table)


def checks() -> list[Check]:
    """Return every check, errors first, from the docstrings of the functions that Django runs and from their words."""
    found: list[Check] = []
    for name in ("configuration", "databases", "hardening"):
        tree = ast.parse((ROOT / "rls_module" / "checks" / f"{name}.py").read_text(encoding="utf-8"))
        said = dict(_said(tree))
        for function in (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list):
            when = _runs_in(function)
            for number, about in _described(ast.get_docstring(function) or ""):
                found.append(Check(number, _capital(about), said.get(number, IT_SAYS), when))
    return sorted(found, key=lambda one: one.id)


def _capital(words: str) -> str:
    return words if "_" in words.split(maxsplit=1)[0] else words[0].upper() + words[1:]


IT_SAYS = "It names the key, and what to write instead."


_IDS_AND_WORDS = re.compile(r"((?:[EW]\d{3}(?:, )?)+): (.+?)\.?(?=\s+[EW]\d{3}|\s*$)")


def _described(docstring: str) -> Iterator[tuple[str, str]]:
    """Read "E001: this. E002: that." and "E003, E004: this, that"; yield each id with its words."""
    for ids, words in re.findall(
        r"((?:[EW]\d{3}(?:, )?)+): (.+?)\.?(?=\s+[EW]\d{3}|\s*$)", " ".join(docstring.split())
    ):
        numbers = ids.split(", ")
        parts = words.split(", ") if len(numbers) > 1 else [words]
        if len(parts) != len(numbers):
            raise SystemExit(f"{ids}: as many explanations as ids, please: {words}")
        yield from zip(numbers, parts, strict=True)


def _said(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each id with the message and the hint that the code gives it."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            match call:
                case ast.Call(
                    func=ast.Name(id="error" | "warning" as level), args=[ast.Constant(value=number), *words]
                ):
                    texts = [_text(_meant(word, function)) for word in words]
                    yield f"{level[0].upper()}{number}", " ".join(text for text in texts if text)


def _meant(node: ast.expr, function: ast.FunctionDef) -> ast.expr:
    """Return what a name was last set to above its use."""
    if not isinstance(node, ast.Name):
        return node
    above = [one for one in ast.walk(function) if isinstance(one, ast.Assign) and one.lineno <= node.lineno]
    values = {one.lineno: one.value for one in above if ast.unparse(one.targets[0]) == node.id}
    return values[max(values)] if values else node


def _text(node: ast.expr) -> str:
    """Return the words of a string, … where the code fills something in; nothing where there are no words."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        return text if re.search(r"[a-z]{3}", text) else ""
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _runs_in(function: ast.FunctionDef) -> str:
    decorator = ast.unparse(function.decorator_list[0])
    if "'database'" in decorator:
        return "`check --database default`, `migrate`"
    return "`check --deploy`" if "deploy=True" in decorator else "`check`, most commands"


# Shared


def _part(name: str) -> str:
    return (DOCS / "_parts" / f"{name}.md").read_text(encoding="utf-8")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "adapter.md": adapter_page,
    "checks.md": checks_page,
    "requirements.md": requirements_page,
}


if __name__ == "__main__":
    raise SystemExit(main())
