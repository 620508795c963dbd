"""The hash lock: released knowledge never changes. One line per released file in `data/released.sha256`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from rls_module.knowledge.files import ROOT, KnowledgeError, KnowledgeProblem, read_toml

LOCK = "data/released.sha256"
_DIGEST_LENGTH = 64  # hexadecimal digits of a SHA-256


def verify_released(root: Path = ROOT) -> list[KnowledgeProblem]:
    """Compare the shipped files with the hash lock; return every difference, the empty list when there is none.

    A released file must be there unchanged and be no draft; a file that is no draft must be released. `root` is the
    folder that holds the knowledge rooms.
    """
    try:
        locked = _locked(root)
    except KnowledgeError as error:
        return [error.problem]
    problems = [problem for name, digest in locked.items() for problem in _changes(root, name, digest)]
    unlisted = [name for name in _names(root) if name not in locked and not _is_draft(root / name)]
    return problems + [KnowledgeProblem(name, "", "is shipped and not released") for name in unlisted]


def add_released(root: Path = ROOT) -> tuple[str, ...]:
    """Write a line for every file that is neither released nor a draft; return the names added.

    Raises KnowledgeError, and writes nothing, when a released file has changed or gone: a correction is a new version.
    """
    locked = _locked(root) if (root / LOCK).exists() else {}
    for name, digest in locked.items():
        for problem in _changes(root, name, digest):
            raise KnowledgeError(problem.file, problem.path, f"{problem.reason}: a correction is a new version")
    added = tuple(name for name in _names(root) if name not in locked and not _is_draft(root / name))
    lines = locked | {name: _digest(root / name) for name in added}
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(lines.items()))
    (root / LOCK).parent.mkdir(exist_ok=True)
    (root / LOCK).write_text(text, encoding="ascii")
    return added


def _changes(root: Path, name: str, digest: str) -> Iterator[KnowledgeProblem]:
    path = root / name
    if not path.is_file():
        yield KnowledgeProblem(name, "", "was released and is gone")
    elif _digest(path) != digest:
        yield KnowledgeProblem(name, "", "was released and has changed")
    elif _is_draft(path):
        yield KnowledgeProblem(name, "status", "is a draft and cannot be released")


def _locked(root: Path) -> dict[str, str]:
    """Return file name -> hash as the lock has them; raises KnowledgeError for a lock that cannot be read."""
    try:
        lines = (root / LOCK).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(LOCK, "", f"cannot be read: {error}") from error
    locked: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        digest, _, name = line.partition("  ")
        if len(digest) != _DIGEST_LENGTH or not name or name in locked:
            raise KnowledgeError(LOCK, f"line {number}", "is not one hash, two spaces and a file named only once")
        locked[name] = digest
    return locked


def _names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.glob("*/data/*.toml"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_draft(path: Path) -> bool:
    return read_toml(path).get("status") == "draft"
