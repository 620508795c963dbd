"""`manage.py rls_simulate`: every mail one patient would get on a protocol, with local and UTC times, and why."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError

from rls_module.knowledge.protocols import loading, preview

REASONS = {
    "due": "the day it is due",
    "no_answer_yet": "if there is no answer yet",
    "no_answer_call": "staff are asked to call if there is still no answer",
    "over": "not asked: its time was over",
    "newer_due": "not asked: a newer one is due",
}


class Command(BaseCommand):
    """Say what a patient would get who never answers. Reads nothing but the shipped protocol; sends nothing."""

    help = (
        "Show every mail one patient would get who never answers. Example: "
        "rls_simulate --protocol default --anchor 2026-09-07 --tz America/New_York"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which protocol, from which day, in which zone."""
        parser.add_argument("--protocol", default="default", metavar="KEY", help="a shipped protocol (default)")
        parser.add_argument("--anchor", required=True, metavar="DATE", help="day of the first visit, as 2026-09-07")
        parser.add_argument("--tz", required=True, metavar="ZONE", help="the patient's zone, as America/New_York")
        parser.add_argument("--language", default="en", help="for the names of the touchpoints (en)")
        parser.add_argument("--json", action="store_true", help="the same as JSON, in order of time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Parse, ask the arithmetic, answer."""
        zone = _zone(options["tz"])
        try:
            protocol = loading.shipped(options["protocol"])
        except KeyError:
            known = ", ".join(loading.shipped_keys())
            raise CommandError(f"There is no protocol {options['protocol']!r}. There is: {known}.") from None
        anchor = _day(options["anchor"])
        planned = preview.preview(
            protocol.touchpoints,
            anchor_on=anchor,
            zone=zone,
            send_time=protocol.send_time,
            now=datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC),
        )
        names = {one.step: one.name.get(options["language"], one.name["en"]) for one in protocol.touchpoints}
        rows = [_row(one, zone) for one in planned]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row, one in zip(rows, planned, strict=True):
            local = one.at.astimezone(zone)
            self.stdout.write(f"{local:%a %Y-%m-%d %H:%M}  {names[one.touchpoint]:<10} {one.kind:<9} {row['reason']}")


def _row(one: preview.Planned, zone: ZoneInfo) -> dict[str, str]:
    return {
        "touchpoint": one.touchpoint,
        "kind": one.kind,
        "local": one.at.astimezone(zone).isoformat(),
        "utc": one.at.astimezone(UTC).isoformat(),
        "zone": zone.key,
        "reason": REASONS[one.reason],
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CommandError(f"There is no time zone {name!r}. Name one as America/New_York.") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no date. Write it as 2026-09-07.") from None
