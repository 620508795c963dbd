#!/usr/bin/env python
"""The command line of the reference host. `demo` and `demo_clock` run on the demo's own settings and data."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    is_demo = len(sys.argv) > 1 and sys.argv[1] in {"demo", "demo_clock"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings_demo" if is_demo else "clinic.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
