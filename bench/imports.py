"""`python -m bench.imports`: how long a hostile file takes until it is refused; under a second is promised."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

ROUNDS = 5
MOST_S = 1.0


def main() -> int:
    """Measure and print, beside a file of a hundred questions that is taken; return 1 where one takes a second."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    medians = _medians()
    bare = medians.pop("a hundred questions, taken")
    print(f"{'a hundred questions, taken':<50} {bare * 1000:>8.1f} ms")
    for name, value in medians.items():
        print(f"{name:<50} {value * 1000:>8.1f} ms {value / bare:>7.2f} x")
    return 0 if max(medians.values()) < MOST_S else 1


def _medians() -> Mapping[str, float]:
    from tests.rls_module.knowledge.instruments.samples import HOSTILE, question, questionnaire

    plain = questionnaire(*(question(f"q{number}") for number in range(100)))
    files = {"a hundred questions, taken": plain, **HOSTILE}
    taken: dict[str, list[float]] = {name: [] for name in files}
    for _ in range(ROUNDS):
        for name, content in files.items():
            taken[name].append(_seconds(content))
    return {name: statistics.median(times) for name, times in taken.items()}


def _seconds(content: bytes) -> float:
    from rls_module.knowledge.files import KnowledgeError
    from tests.rls_module.knowledge.instruments.samples import read

    began = time.perf_counter()
    with suppress(KnowledgeError):
        read(content)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
