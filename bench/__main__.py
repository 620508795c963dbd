"""`python -m bench [--quick]`: one table of figures; writes bench/results.json. Ends with 1 where a goal is missed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

QUICK = {"large": 10_000, "rounds": 5, "calls": 4}
FULL = {"large": 100_000, "rounds": 9, "calls": 10}
RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="a tenth of the patients, fewer rounds")
    size = QUICK if parser.parse_args().quick else FULL

    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    import django
    from django.test.utils import setup_databases, setup_test_environment

    django.setup()
    setup_test_environment(debug=False)
    setup_databases(verbosity=0, interactive=False)
    from bench import pages

    print(f"{'figure':<36} {'value':>12} {'of':<16} {'ratio':>7}  {'goal':<16} verdict")
    found = []
    for one in pages.measure(**size):
        found.append(one)
        value = f"{one.value:g} {one.unit}"
        verdict = "ok" if one.ok else "MISSED"
        line = f"{one.figure:<36} {value:>12} {one.baseline:<16} {one.ratio:>7.2f}  {one.goal:<16} {verdict}"
        print(line, flush=True)
    RESULTS.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    return 0 if all(one.ok for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
