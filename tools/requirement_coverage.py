"""Which requirements have a test: counts them, and fails on a release gate (P0) that is neither tested nor known open.

`tests/contracts/requirements.txt` holds every requirement with its priority, `tests/contracts/open.txt` the release
gates that no test proves whole yet (a test may already prove a part and name it); that list may only shrink.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "tests" / "contracts"
_NAMED = re.compile(r"(?<![a-z0-9])(AN|AZ|TK|EM|DI|AU|PV|AP|AD|HD|SC|FE|F)[-_](\d+)(?!\d)", re.IGNORECASE)


def main() -> int:
    """Print the counts; return 1 where a release gate is neither tested nor open, or a name is mistyped."""
    required = dict(line.split() for line in (CONTRACTS / "requirements.txt").read_text().splitlines())
    still_open = set((CONTRACTS / "open.txt").read_text().split())
    tested = {name for path in (ROOT / "tests").rglob("*.py") for name in named_in(path.read_text())}
    gates = {name for name, priority in required.items() if priority == "P0"}
    sys.stdout.write(
        f"{len(tested & set(required))} of {len(required)} requirements have a test; "
        f"{len(gates - still_open)} of {len(gates)} release gates, {len(still_open)} open\n"
    )
    problems = {
        "release gates without a test, and not in open.txt": gates - tested - still_open,
        "in open.txt and no release gate": still_open - gates,
        "named by a test and no requirement at all": tested - set(required),
    }
    for problem, names in problems.items():
        if names:
            sys.stdout.write(f"{problem}: {', '.join(sorted(names))}\n")
    return 1 if any(problems.values()) else 0


def named_in(text: str) -> set[str]:
    """Return the requirements that a test's text names, in names (`tk_6`) and sentences (`TK-6`) alike."""
    found = ((group.upper(), int(number)) for group, number in _NAMED.findall(text))
    return {f"{group}-{number:02}" if group == "F" else f"{group}-{number}" for group, number in found}


if __name__ == "__main__":
    raise SystemExit(main())
