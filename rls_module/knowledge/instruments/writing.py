"""An instrument as the one TOML file that `importing` reads: the structure, then a table of words per language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from rls_module.knowledge.instruments.definition import Instrument, Structure

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(instrument: Instrument) -> str:
    """Return the text of the file; read again it gives the same instrument."""
    structure = instrument.model_dump(include=set(Structure.model_fields), exclude_defaults=True)
    words = {
        language: wording.model_dump(exclude_defaults=True, exclude={"instrument", "version", "language"})
        for language, wording in sorted(instrument.wording.items())
    }
    return "\n".join(_table({**structure, "wording": words}, ())).lstrip("\n") + "\n"


def _table(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: its plain values, then the tables in it under headers of their own."""
    inner = {name: one for name, one in table.items() if isinstance(one, Mapping)}
    rows = {name: one for name, one in table.items() if _is_rows(one)}
    for name, one in table.items():
        if name not in inner and name not in rows:
            yield f"{_key(name)} = {_value(one)}"
    for name, one in rows.items():
        for row in one:  # type: ignore[attr-defined]
            yield from ("", f"[[{_path((*path, name))}]]")
            yield from _table(row, (*path, name))
    for name, table_in in inner.items():
        if not all(isinstance(one, Mapping) for one in table_in.values()):
            yield from ("", f"[{_path((*path, name))}]")
        yield from _table(table_in, (*path, name))


def _is_rows(value: object) -> bool:
    """Say whether a list is long enough in its entries to stand as tables of their own; options stay in one list."""
    return isinstance(value, tuple | list) and any(isinstance(one, Mapping) and "kind" in one for one in value)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case date():
            return value.isoformat()
        case Mapping():
            return f"{{ {', '.join(f'{_key(name)} = {_value(one)}' for name, one in value.items())} }}"
        case tuple() | list() if any(isinstance(one, Mapping) for one in value):
            return "\n".join(("[", *(f"  {_value(one)}," for one in value), "]"))
        case tuple() | list():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for the one control character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _path(path: tuple[str, ...]) -> str:
    return ".".join(map(_key, path))
