"""`python -m bench.links`: how long each kind of dead link takes, interleaved; TK-10 wants the medians within 10 %."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Mapping
from itertools import count

ROUNDS = 90  # of six kinds: fewer than a minute lets all together try
MOST_APART = 0.1


def main() -> int:
    """Measure and print; return 1 where a median is further from the others than it may be."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    import django
    from django.test.utils import setup_databases, setup_test_environment

    django.setup()
    setup_test_environment(debug=False)
    setup_databases(verbosity=0, interactive=False)
    medians = _medians()
    middle = statistics.median(medians.values())
    for kind, value in medians.items():
        print(f"{kind:<36} {value * 1000:>7.2f} ms {value / middle - 1:>+7.1%}")
    return 0 if all(abs(value / middle - 1) <= MOST_APART for value in medians.values()) else 1


def _medians() -> Mapping[str, float]:
    from django.test import Client

    from rls_module.followups.models import Occurrence
    from tests import clock
    from tests import factories as make
    from tests.rls_module.surveys.test_limits import dead_links

    clock.put(make.NOW)
    chart = make.planned(make.therapist()).chart
    clock.put(make.NOW + make.days(42))
    asked, later = (Occurrence.objects.get(chart=chart, step=step) for step in ("week_6", "week_12"))
    client, number = Client(), count()
    taken: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for kind, address in dead_links(asked, later).items():
            place = f"10.{next(number) // 62500}.{next(number) % 250}.{next(number) % 250}"  # each below its limit
            began = time.perf_counter()
            client.get(address, REMOTE_ADDR=place)
            taken.setdefault(kind, []).append(time.perf_counter() - began)
    return {kind: statistics.median(times) for kind, times in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
