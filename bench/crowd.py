"""A crowd of patients: one with a full record is made by the module itself, the others are copies of the rows.

Copies are made in the database, so that a hundred thousand take minutes. Keys are moved by one stride for each copy,
what must be unique is hashed with its number; triggers and foreign keys are off meanwhile, and every copy is whole.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, models
from django.http import QueryDict

from clinic.models import Clinic, Patient, Staff
from rls_module.cases import queries
from rls_module.cases.models import Case, Chart
from rls_module.intake import actions, forms
from tests import factories as make
from tests.rls_module.intake.sheets import NEEDED

STRIDE = 10_000  # more rows than one record has in any table
THERAPISTS = 400


def patient_with_a_full_record() -> tuple[Any, Case]:
    """Return a therapist and the case of a patient who has something in every room."""
    user = make.therapist()
    case = make.planned(user)
    make.everything_before_treatment(case, user)
    make.assessment(case, user)
    make.plan(case, user)
    _intake(case, user)
    actions.begin_intake(case=case, language="en", actor=make.actor(user), now=make.NOW)
    return user, case


def _intake(case: Case, user: Any) -> None:
    actor = make.actor(user)
    draft = actions.begin_intake(case=case, language="en", actor=actor, now=make.NOW)
    for section, answers in NEEDED.items():
        sheet = forms.SectionForm(draft, section, language="en", data=_posted(answers))
        if not sheet.is_valid():
            raise RuntimeError(f"the answers of {section} do not stand")
        draft = actions.save_section(
            intake=draft, seen=draft.version, section=section, answers=sheet.answers, actor=actor
        )
    actions.submit_intake(intake=draft, seen=draft.version, actor=actor, now=make.NOW)


def _posted(answers: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in answers.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def copy(chart: Chart, *, first: int, last: int) -> None:
    """Add the copies numbered `first` to `last` of a chart and its patient, as patients of other therapists."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        _insert(cursor, Patient, f"t.id = {chart.patient_id}", first, last, moved={Patient})
        for rows in reversed(queries.rows_of(chart)):
            keys = ",".join(str(pk) for pk in rows.values_list("pk", flat=True)) or "NULL"
            _insert(cursor, rows.model, f"t.id IN ({keys})", first, last, moved=_moved())
        cursor.execute(
            "INSERT INTO clinic_patient_therapists (patient_id, user_id) "
            "SELECT %s + n * %s, (%s::int[])[1 + n %% %s] FROM generate_series(%s, %s) n",
            [chart.patient_id, STRIDE, _therapists(chart.scope), THERAPISTS, first, last],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


def _moved() -> set[type[models.Model]]:
    return {Patient, *queries.paths_to_chart()}


def _therapists(scope: str) -> list[int]:
    """Return the keys of a clinic's other therapists; they are made when they are first asked for."""
    users, clinic = get_user_model(), Clinic.objects.get(pk=scope)
    if users.objects.filter(username__startswith="crowd").count() < THERAPISTS:
        made = users.objects.bulk_create(users(username=f"crowd{number}") for number in range(THERAPISTS))
        Staff.objects.bulk_create(Staff(user=one, clinic=clinic, role="therapist") for one in made)
    return list(users.objects.filter(username__startswith="crowd").order_by("pk").values_list("pk", flat=True))


def _insert(cursor: Any, model: type[models.Model], where: str, first: int, last: int, *, moved: set[Any]) -> None:
    columns = [(field.column, _copied(field, model, moved)) for field in model._meta.local_concrete_fields]
    names = ", ".join(f'"{name}"' for name, _said in columns)
    said = ", ".join(said for _name, said in columns)
    table, copies = model._meta.db_table, f"generate_series({first}, {last}) n"
    cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {said} FROM "{table}" t, {copies} WHERE {where}')


def _copied(field: models.Field[Any, Any], model: type[models.Model], moved: set[Any]) -> str:
    """Return the SQL of one column of a copy."""
    column = f't."{field.column}"'
    if field.primary_key or (field.is_relation and field.related_model in moved):
        return f"{column} + n * {STRIDE}"
    if isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    if not _is_unique(field, model):
        return column
    if isinstance(field, models.IntegerField):
        return f"{column} + n * {STRIDE}"
    return f"left(md5({column} || n), {field.max_length or 32})"


def _is_unique(field: models.Field[Any, Any], model: type[models.Model]) -> bool:
    alone = {one.fields[-1] for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)}
    has_text = isinstance(field, models.CharField) and not field.choices
    return field.unique or (field.name in alone and has_text and field.name in ("selector", "record_number"))
