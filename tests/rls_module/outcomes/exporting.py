"""How tests ask for exports, have the engine make them, and read what came out."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any
from zipfile import ZipFile

from rls_module import engine
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Chart
from rls_module.followups.models import Occurrence
from rls_module.intake import actions as intake_actions
from rls_module.outcomes import actions
from rls_module.outcomes.models import Export
from tests import factories as make


def treated(user: Any, **person: Any) -> Case:
    """A case with rows in every room, signed ones and answered ones; the patient agrees to research."""
    case = make.planned(user, person=make.patient(user, **person))
    intake_actions.record_known(chart=case.chart, actor=make.actor(user), now=make.NOW)
    make.everything_before_treatment(case, user)
    make.assessment(case, user)
    make.plan(case, user)
    make.prescription(case, user)
    make.signed(case, user)
    make.task(case)
    make.answered(Occurrence.objects.get(chart=case.chart, step="week_6"), now=make.NOW + make.days(43))
    agrees(case.chart, user)
    return case


def agrees(chart: Chart, user: Any, **values: Any) -> None:
    """The patient's agreement to research, as our own record has it."""
    case_actions.give_consent(
        chart=chart, purpose="research", text_version="1", language="en", actor=make.actor(user), now=make.NOW, **values
    )


def ask(user: Any, chart: Chart | None = None, *, now: datetime = make.NOW, **values: Any) -> Export:
    """An export that `user` asked for: the chart's, or the registry of the clinic."""
    given = {"scope": "riverside", "is_identified": chart is not None} | values
    return actions.ask(chart=chart, actor=make.actor(user), now=now, **given)


def turned(export: Export, *, now: datetime = make.NOW) -> Export:
    """The export after one turn of the engine."""
    engine.turn(now=now)
    export.refresh_from_db()
    return export


def fetched(export: Export, user: Any, *, now: datetime = make.NOW) -> ZipFile:
    """What its owner gets."""
    content = actions.fetch(export=export, actor=make.actor(user), now=now)
    assert content is not None
    return ZipFile(io.BytesIO(content))


def table(folder: ZipFile, name: str) -> list[dict[str, str]]:
    """The rows of one table, as a reader of CSV has them."""
    text = folder.read(f"{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def manifest(folder: ZipFile) -> dict[str, Any]:
    return dict(json.loads(folder.read("manifest.json")))


def everything(folder: ZipFile) -> str:
    """All words of all files."""
    return "\n".join(folder.read(name).decode() for name in folder.namelist())
