"""Iron panels: entered as they stand on the report, judged once, marked as wrong where they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rls_module.cases.models import Case
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, store
from rls_module.intake.actions.records import record
from rls_module.intake.models import LabPanel
from rls_module.knowledge.safety import iron


@transaction.atomic
def record_labs(
    *,
    case: Case,
    entered: Mapping[iron.Analyte, tuple[Decimal, str]],
    about: Mapping[str, Any],
    age: int | None,
    today: date,
    actor: Actor,
    now: datetime,
) -> tuple[LabPanel, iron.IronResult]:
    """Keep one panel: `entered` is analyte -> (value, UCUM unit), `about` the other fields of LabPanel.

    `age` in years on the day of collection, None counts as adult. Returns the row with what was judged, doubts too.
    Raises KeyError for a unit that an analyte is not measured in. The flag never changes the criteria.
    """
    values = {analyte: iron.canonical(analyte, value, unit) for analyte, (value, unit) in entered.items()}
    found = iron.judge(
        values,
        age=age,
        collected_on=about["collected_on"],
        today=today,
        specialist=about.get("specialist_reason") or None,
        crp_limit=about.get("crp_limit"),
    )
    panel = store(
        LabPanel(
            chart=case.chart,
            case=case,
            entered={analyte: {"value": str(value), "unit": unit} for analyte, (value, unit) in entered.items()},
            canonical={analyte: str(round(value, 4).normalize()) for analyte, value in values.items()},
            flag=found.flag,
            modifiers=[one for one in found.modifiers if one != "stale"],  # age is asked for when it is read
            algorithm=found.algorithm,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.name,
            created_at=now,
            **about,
        )
    )
    record(actor, "lab.edit", panel, fields=("entered", "flag"))
    return panel, found


@transaction.atomic
def void_labs(*, panel: LabPanel, reason: str, actor: Actor, now: datetime) -> None:
    """Mark a panel as entered in error; it stays to be read. Raises Stale when it was marked already."""
    if not reason.strip():
        raise ValueError("say why")
    marked = LabPanel.objects.filter(pk=panel.pk, void_at=None).update(
        void_at=now, void_by_name=actor.name, void_because=reason.strip()
    )
    if not marked:
        raise Stale
    record(actor, "lab.edit", panel, fields=("void_at",), reason="entered in error")
