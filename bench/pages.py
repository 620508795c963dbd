"""Pages of one case among a thousand cases and among many more: against the one-row view, and whether they grow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.test import Client

from bench import crowd
from bench.measuring import Timed, medians
from rls_module.cases.models import Case
from rls_module.intake.models import Intake
from tests import clock
from tests import factories as make

SMALL = 1_000
MOST_TIMES = 12.0  # a page may take this many times the one-row view
MOST_GROWTH = 0.1  # the exponent of time over the number of cases
BARE = "one-row view"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    id: str
    figure: str
    value: float
    unit: str
    baseline: str
    ratio: float
    goal: str
    ok: bool


def measure(*, large: int, rounds: int, calls: int) -> Iterator[Figure]:
    """Yield the ratio of each page to the one-row view in the small clinic, then how it grows up to `large` cases."""
    clock.put(make.NOW + make.days(2))
    user, case = crowd.patient_with_a_full_record()
    client = Client()
    client.force_login(user)
    what = dict(_what(client, case))
    crowd.copy(case.chart, first=1, last=SMALL - 1)
    small = medians(what, rounds=rounds, calls=calls)
    crowd.copy(case.chart, first=SMALL, last=large - 1)
    grown = medians(what, rounds=rounds, calls=calls)
    for name in what:
        if name != BARE:
            yield from _figures(name, small, grown, large)


def _figures(name: str, small: dict[str, float], grown: dict[str, float], large: int) -> Iterator[Figure]:
    ratio, then = small[name] / small[BARE], grown[name] / grown[BARE]
    milliseconds = round(grown[name] * 1000, 1)
    said = f"{name}, {large:,} cases"
    yield Figure("P9", said, milliseconds, "ms", BARE, round(then, 2), f"<= {MOST_TIMES:g} x", then <= MOST_TIMES)
    growth = math.log(then / ratio) / math.log(large / SMALL)
    said, goal, is_flat = f"{name}, growth", f"exponent <= {MOST_GROWTH:g}", growth <= MOST_GROWTH
    yield Figure("P9", said, round(growth, 3), "", f"{SMALL:,} cases", round(then / ratio, 2), goal, is_flat)


def _what(client: Client, case: Case) -> Iterator[tuple[str, Timed]]:
    yield BARE, partial(_get, client, f"/bench/{case.chart.patient_id}/")
    at = f"/rls/cases/{case.uuid}"
    for name, address in (
        ("chart", f"/rls/charts/{case.chart.uuid}/"),
        ("intake", f"{at}/intake/"),
        ("intake section", f"{at}/intake/health/"),
        ("criteria", f"{at}/criteria/"),
        ("iron", f"{at}/labs/"),
        ("medicines", f"{at}/medications/"),
        ("assessment", f"{at}/assessment/"),
        ("worklist", "/rls/"),
    ):
        yield name, partial(_get, client, address)
    yield "section saved", partial(_save, client, f"{at}/intake/family/", case)
    yield "place looked up", partial(_get, client, "/rls/places/?q=gastroc+med")


def _get(client: Client, address: str) -> None:
    _expect(client.get(address), 200)


def _save(client: Client, address: str, case: Case) -> None:
    version = Intake.objects.filter(open_key=case.pk).values_list("version", flat=True).get()
    answers = {"family": ["mother"], "growing": "yes", "injuries": "Ankle, 2009", "do": "leave", "version": version}
    _expect(client.post(address, answers), 302)


def _expect(response: Any, status: int) -> None:
    if response.status_code != status:
        raise RuntimeError(f"{response.request['PATH_INFO']} answered {response.status_code}")
