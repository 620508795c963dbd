"""Which financial notice stands on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rls_module.cases.models import Chart
from rls_module.library import queries as library_queries
from rls_module.visits.models import FinancialNotice, Visit


def notices(chart: Chart) -> list[FinancialNotice]:
    """Return the notices of a chart, the newest first; of one day, the one recorded last."""
    return list(FinancialNotice.objects.filter(chart=chart).order_by("-signed_on", "-pk"))


def by_chart(visits: Iterable[Visit]) -> dict[int, list[FinancialNotice]]:
    """Return the notices of the charts of `visits`, each list newest first, in one query."""
    found: dict[int, list[FinancialNotice]] = {}
    rows = FinancialNotice.objects.filter(chart__in={visit.chart_id for visit in visits})
    for row in rows.order_by("-signed_on", "-pk"):
        found.setdefault(row.chart_id, []).append(row)
    return found


def standing_notice(found: Sequence[FinancialNotice], on: date) -> FinancialNotice | None:
    """Return the one of `found`, newest first, that stands on the day `on`: the last one signed by then, not over."""
    last = next((row for row in found if row.signed_on <= on), None)
    return last if last is not None and (last.holds_until is None or last.holds_until >= on) else None


def lacks_notice(chart: Chart, on: date) -> bool:
    """True where the clinic wants a notice before needling and none stands on the day `on`."""
    if not library_queries.billing_table(chart.scope).warns_without_notice:
        return False
    return standing_notice(notices(chart), on) is None
