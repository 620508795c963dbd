"""What a note comes to by the clinic's table: the RLS part of a day, for a biller's review."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rls_module.cases.models import Signature
from rls_module.host import adapter
from rls_module.knowledge.safety import billing_review
from rls_module.library import queries as library_queries
from rls_module.visits.models import Visit
from rls_module.visits.queries.notes import signatures
from rls_module.visits.queries.notices import by_chart, standing_notice
from rls_module.visits.queries.typed_rows import Treatment, treatments

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Billed:
    """A signed note as a biller sees it: when, by whom, what it comes to. No word of its text."""

    visit: Visit
    signature: Signature
    review: billing_review.Review
    lacks_notice: bool


def review(visit: Visit, done: Treatment, *, signed_at: datetime | None) -> billing_review.Review:
    """Return what the note comes to by the table that stood when it was signed; a draft by the one that stands now."""
    scope = visit.chart.scope
    row = library_queries.in_force(library_queries.billing_tables(scope), scope, at=signed_at)
    return _review(visit, done, row)


def billed(visits: Sequence[Visit]) -> list[Billed]:
    """Return signed notes as a biller sees them, in the same order; their charts and patients are at hand."""
    done, signed = treatments(visits), signatures(visits)
    tables = {scope: library_queries.billing_tables(scope) for scope in {visit.chart.scope for visit in visits}}
    known = by_chart(visits)
    found = []
    for visit in visits:
        signature, scope = signed[visit.uuid], visit.chart.scope
        row = library_queries.in_force(tables[scope], scope, at=signature.signed_at)
        wants_notice = row.warns_without_notice and done[visit.pk].needles_in > 0
        stands = standing_notice(known.get(visit.chart_id, ()), visit.visit_date)
        result = _review(visit, done[visit.pk], row)
        found.append(Billed(visit, signature, result, lacks_notice=wants_notice and stands is None))
    return found


def _review(visit: Visit, done: Treatment, row: Any) -> billing_review.Review:
    table = library_queries.to_bill_by(row)
    fascial = table.kinds.get("fascial", "")
    work = billing_review.Work(
        needled=tuple((site.muscle, site.side, site.needles_in or 0) for site in done.sites),
        rows=(
            *((fascial, point.minutes) for point in done.points),
            *((exercise.code, exercise.minutes) for exercise in done.exercises),
        ),
        needling_minutes=sum(site.minutes or 0 for site in done.sites),
        timed_minutes=visit.timed_minutes,
        total_minutes=visit.total_minutes,
        elsewhere=_elsewhere(visit),
        picked=visit.unit_code,
    )
    return billing_review.review(work, table)


def _elsewhere(visit: Visit) -> Mapping[str, int] | None:
    """Return the day's other timed minutes as the host has them; what can't be minutes is as good as no answer."""
    try:
        said = adapter().other_minutes(visit.chart.patient, visit.visit_date)
        if said is None or all(isinstance(code, str) and _is_minutes(count) for code, count in said.items()):
            return said
        logger.error("the adapter's other_minutes answered something that is no minutes")
    except Exception as error:  # noqa: BLE001  its text may hold a patient
        logger.error("the adapter's other_minutes raised %s", type(error).__name__)
    return None


def _is_minutes(count: object) -> bool:
    return isinstance(count, int) and not isinstance(count, bool) and count >= 0
