"""`manage.py demo_clock --advance 42d`: moves the demo clinic's now, or tells it."""

from __future__ import annotations

import argparse
import re
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from clinic.demo import clock

_DAYS = {"d": 1, "w": 7}


def days(text: str) -> int:
    """Read "42d" or "6w" as days, one or more; raises ArgumentTypeError in words."""
    found = re.fullmatch(r"([1-9]\d{0,3})([dw])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no span of time; write days or weeks, such as 42d or 6w")
    return int(found[1]) * _DAYS[found[2]]


class Command(BaseCommand):
    """Tells or moves the clock of the demo in var/demo.sqlite3."""

    help = "Moves the demo clinic's clock: manage.py demo_clock --advance 42d. Every advance lands at 10:00."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--advance", type=days, metavar="SPAN", help="how far, in days or weeks: 1d, 6w, 42d")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            instant = clock.advance(options["advance"]) if options["advance"] else clock.now()
        except DatabaseError:
            raise CommandError("There is no demo yet. Start it once with: make demo") from None
        local = instant.astimezone(ZoneInfo(settings.TIME_ZONE))
        self.stdout.write(f"It is {local:%A %d %B %Y, %H:%M} in the demo clinic.")
