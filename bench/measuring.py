"""Times, as medians of interleaved rounds: what the machine does beside it falls on each alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

Timed = Callable[[], object]


def medians(what: Mapping[str, Timed], *, rounds: int, calls: int) -> dict[str, float]:
    """Return for each the median over `rounds` of its mean CPU and waiting time of one call, in seconds.

    Each round does `calls` calls of each, one after the other; a first round is thrown away.
    """
    taken: dict[str, list[float]] = {name: [] for name in what}
    for number in range(rounds + 1):
        for name, call in what.items():
            gc.collect()
            began = time.perf_counter()
            for _ in range(calls):
                call()
            if number:
                taken[name].append((time.perf_counter() - began) / calls)
    return {name: statistics.median(times) for name, times in taken.items()}
