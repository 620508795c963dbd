"""What was signed or witnessed stays as it is: every way round the ORM and through it, on both databases."""

from __future__ import annotations

import queue
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.db import DatabaseError, IntegrityError, connection, connections, models, transaction
from django.db.models import ProtectedError

from rls_module.audit import erasure, guards
from rls_module.audit.models import AuditEvent, Erasure
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Signature
from rls_module.plans.models import Plan
from rls_module.visits import actions
from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, Visit
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

POSTGRESQL = connection.vendor == "postgresql"
only_postgresql = pytest.mark.only_postgresql
only_sqlite = pytest.mark.only_sqlite
KINDS = ("visit", "needlingsite", "fascialpoint", "performedexercise", "signature", "emergencyaccess", "auditevent")
MODELS: dict[str, type[models.Model]] = {name: apps.get_model("rls_module", name) for name in KINDS}


def signed_note() -> dict[str, Any]:
    """One guarded row of each kind, from a visit that was really signed."""
    user = make.therapist()
    visit = make.signed(
        make.case(user),
        user,
        nights=3,
        findings="Tight calf.",
        points=[make.point()],
        exercises=[make.exercise()],
    )
    return {
        "user": user,
        "visit": visit,
        "needlingsite": NeedlingSite.objects.get(visit=visit),
        "fascialpoint": FascialPoint.objects.get(visit=visit),
        "performedexercise": PerformedExercise.objects.get(visit=visit),
        "signature": Signature.objects.get(ref=visit.uuid),
        "emergencyaccess": case_actions.open_in_emergency(
            chart=visit.chart, reason="Collapsed in the room", actor=make.actor(user), now=make.NOW
        ),
        "auditevent": AuditEvent.objects.filter(verb="visit.sign").get(),
    }


def refused(deed) -> bool:
    """True when the database refused `deed` and left everything as it was."""
    before = everything()
    with pytest.raises(IntegrityError, match="signed or witnessed"), transaction.atomic():
        deed()
    return everything() == before


def everything() -> dict[str, list[Any]]:
    return {name: list(model._base_manager.order_by("pk").values()) for name, model in MODELS.items()}


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def other(field: models.Field, value: Any) -> Any:
    """Another value that the field's column takes."""
    match field:
        case models.UUIDField():
            return uuid4()
        case models.BooleanField():
            return not value
        case models.JSONField():
            return ["other"]
        case models.DateTimeField():
            return (value or make.NOW) + timedelta(seconds=1)
        case models.DateField():
            return value + timedelta(days=1)
        case models.CharField() | models.TextField():
            return "z"
        case _:
            return (value or 0) + 1


COLUMNS = [
    (name, field.attname)
    for name, model in MODELS.items()
    for field in model._meta.concrete_fields
    if (name, field.attname) not in {("visit", "author_id"), ("signature", "signer_id")}
    and (name, field.attname) not in {("emergencyaccess", "user_id"), ("emergencyaccess", "told_at")}
]


@pytest.mark.parametrize(("kind", "column"), COLUMNS, ids=lambda part: part)
def test_no_column_of_a_signed_row_can_be_changed(kind, column):
    """DI-4: QuerySet.update, column by column."""
    row = signed_note()[kind]
    model = MODELS[kind]
    field = next(one for one in model._meta.concrete_fields if one.attname == column)
    target = field if not field.is_relation else field.target_field
    value = other(target, getattr(row, column))
    assert refused(lambda: model._base_manager.filter(pk=row.pk).update(**{column: value}))


@pytest.mark.parametrize("kind", KINDS)
def test_raw_sql_cannot_change_a_signed_row(kind):
    """DI-4."""
    row = signed_note()[kind]
    column = {
        "visit": "findings",
        "needlingsite": "muscle",
        "fascialpoint": "point",
        "performedexercise": "name",
        "signature": "signer_name",
        "emergencyaccess": "reason",
        "auditevent": "verb",
    }[kind]
    table = MODELS[kind]._meta.db_table
    assert refused(lambda: sql(f"UPDATE {table} SET {column} = 'z' WHERE id = %s", row.pk))
    assert refused(lambda: sql(f"UPDATE {table} SET {column} = {column} || 'z'"))


@pytest.mark.parametrize("kind", KINDS)
def test_raw_sql_cannot_delete_a_signed_row(kind):
    """DI-4."""
    row = signed_note()[kind]
    table = MODELS[kind]._meta.db_table
    assert refused(lambda: sql(f"DELETE FROM {table} WHERE id = %s", row.pk))
    assert refused(lambda: sql(f"DELETE FROM {table}"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_querysets_own_delete_cannot_either(kind):
    """DI-4: past the collector, which would already stop at the protected keys."""
    row = signed_note()[kind]
    rows = MODELS[kind]._base_manager.filter(pk=row.pk)
    assert refused(lambda: rows._raw_delete(rows.db))


def test_deleting_a_note_or_its_chart_in_django_is_stopped_at_the_protected_keys():
    """DI-4, DI-10: no cascade reaches a signed row."""
    there = signed_note()
    before = everything()
    for row in (there["visit"], there["visit"].case, there["visit"].chart, there["visit"].chart.patient):
        with pytest.raises(ProtectedError):
            row.delete()
    assert everything() == before


def test_deleting_the_chart_by_raw_sql_takes_no_signed_row_with_it():
    """DI-4, DI-10: the foreign keys restrict, whatever Django's collector would have said."""
    there = signed_note()
    before = everything()

    def delete_chart() -> None:
        with transaction.atomic():
            sql("DELETE FROM rls_module_chart WHERE id = %s", there["visit"].chart_id)
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        delete_chart()
    assert everything() == before


@pytest.mark.parametrize("kind", KINDS)
def test_bulk_update_cannot_change_a_signed_row(kind):
    """DI-4."""
    row = signed_note()[kind]
    column = {
        "visit": "response",
        "needlingsite": "muscle",
        "fascialpoint": "point",
        "performedexercise": "name",
        "signature": "signer_name",
        "emergencyaccess": "user_name",
        "auditevent": "actor",
    }[kind]
    setattr(row, column, "z")
    assert refused(lambda: MODELS[kind]._base_manager.bulk_update([row], [column]))


@pytest.mark.parametrize(
    ("kind", "column"), [("visit", "response"), ("needlingsite", "muscle"), ("signature", "reason")]
)
def test_an_upsert_cannot_change_a_signed_row(kind, column):
    """DI-4."""
    row = signed_note()[kind]
    row.pk = None
    setattr(row, column, "z")
    upsert = {"update_conflicts": True, "unique_fields": ["uuid"], "update_fields": [column]}
    assert refused(lambda: MODELS[kind]._base_manager.bulk_create([row], **upsert))


def test_saving_a_signed_note_through_the_model_is_refused():
    """DI-4."""
    visit = signed_note()["visit"]
    visit.refresh_from_db()
    visit.findings = "Something nicer."
    assert refused(visit.save)


@pytest.mark.parametrize("status", ["draft", "discarded"])
def test_a_signed_note_cannot_be_unlocked(status):
    """DI-4: the way REDCap voids a signature."""
    visit = signed_note()["visit"]
    assert refused(lambda: sql("UPDATE rls_module_visit SET status = %s WHERE id = %s", status, visit.pk))


def test_a_signed_note_takes_no_new_site():
    """DI-4."""
    visit = signed_note()["visit"]
    new = NeedlingSite(visit=visit, position=2, created_at=make.NOW, **make.site())
    assert refused(new.save)
    assert refused(lambda: NeedlingSite.objects.bulk_create([new]))


def test_a_site_of_a_draft_cannot_be_moved_into_a_signed_note():
    """DI-4."""
    there = signed_note()
    draft = make.draft(there["visit"].case, there["user"], sites=[make.site(), make.site(muscle="gastrocnemius")])
    moved = NeedlingSite.objects.get(visit=draft, position=2)
    statement = "UPDATE rls_module_needlingsite SET visit_id = %s WHERE id = %s"
    assert refused(lambda: sql(statement, there["visit"].pk, moved.pk))


def test_a_site_of_a_signed_note_cannot_be_moved_out_of_it():
    """DI-4."""
    there = signed_note()
    draft = make.draft(there["visit"].case, there["user"], sites=[])
    statement = "UPDATE rls_module_needlingsite SET visit_id = %s WHERE id = %s"
    assert refused(lambda: sql(statement, draft.pk, there["needlingsite"].pk))


@only_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_no_guarded_table_can_be_truncated(kind):
    """DI-4: nor by way of another table's CASCADE."""
    signed_note()
    table = MODELS[kind]._meta.db_table
    assert refused(lambda: sql(f"TRUNCATE {table} CASCADE"))
    if kind != "auditevent":
        assert refused(lambda: sql("TRUNCATE rls_module_chart CASCADE"))


@only_sqlite
@pytest.mark.parametrize("kind", KINDS)
def test_insert_or_replace_by_id_is_refused(kind):
    """DI-4: REPLACE deletes first, without saying so."""
    row = signed_note()[kind]
    table = MODELS[kind]._meta.db_table
    columns = [field.column for field in MODELS[kind]._meta.concrete_fields]
    kept = ", ".join(columns)
    assert refused(
        lambda: sql(f"INSERT OR REPLACE INTO {table} ({kept}) SELECT {kept} FROM {table} WHERE id = %s", row.pk)
    )


@only_sqlite
@pytest.mark.parametrize("kind", ["visit", "needlingsite", "signature"])
def test_insert_or_replace_by_the_unique_uuid_is_refused(kind):
    """DI-4."""
    row = signed_note()[kind]
    table = MODELS[kind]._meta.db_table
    kept = ", ".join(field.column for field in MODELS[kind]._meta.concrete_fields if field.column != "id")
    statement = f"INSERT OR REPLACE INTO {table} ({kept}) SELECT {kept} FROM {table} WHERE id = %s"
    assert refused(lambda: sql(statement, row.pk))


@only_sqlite
def test_insert_or_replace_of_a_site_by_its_place_in_the_note_is_refused():
    """DI-4: the second unique key of a site."""
    row = signed_note()["needlingsite"]
    statement = (
        "INSERT OR REPLACE INTO rls_module_needlingsite "
        "(uuid, created_at, visit_id, position, muscle, side, technique) "
        "SELECT %s, created_at, visit_id, position, 'z', side, technique FROM rls_module_needlingsite WHERE id = %s"
    )
    assert refused(lambda: sql(statement, uuid4().hex, row.pk))


def test_a_therapist_who_leaves_becomes_null_and_the_printed_name_stays():
    """DI-4: user keys may only become NULL."""
    there = signed_note()
    there["user"].delete()
    visit, signature = (type(row).objects.get(pk=row.pk) for row in (there["visit"], there["signature"]))
    assert (visit.author_id, visit.author_name) == (None, "Dana Whitfield PT")
    assert (signature.signer_id, signature.signer_name) == (None, "Dana Whitfield PT")


@pytest.mark.parametrize(
    ("kind", "key"), [("visit", "author_id"), ("signature", "signer_id"), ("emergencyaccess", "user_id")]
)
def test_a_signed_row_cannot_be_given_to_another_user(kind, key):
    """DI-4: neither from one user to the next, nor from nobody to somebody."""
    there = signed_note()
    rows = MODELS[kind]._base_manager.filter(pk=there[kind].pk)
    somebody = make.therapist()
    assert refused(lambda: rows.update(**{key: somebody.pk}))
    rows.update(**{key: None})
    assert refused(lambda: rows.update(**{key: somebody.pk}))


def test_a_draft_stays_editable_with_its_sites():
    """DI-4: the guard begins at the signature."""
    user = make.therapist()
    draft = make.draft(make.case(user), user)
    Visit.objects.filter(pk=draft.pk).update(findings="Corrected.")
    NeedlingSite.objects.filter(visit=draft).update(needles_in=4)
    sql("DELETE FROM rls_module_needlingsite WHERE visit_id = %s", draft.pk)
    NeedlingSite.objects.create(visit=draft, position=1, created_at=make.NOW, **make.site(needles_in=2))
    sql("UPDATE rls_module_visit SET needles_out = 2 WHERE id = %s", draft.pk)
    draft.refresh_from_db()
    assert (draft.findings, draft.needles_out) == ("Corrected.", 2)


def test_a_discarded_draft_is_not_guarded():
    user = make.therapist()
    draft = make.draft(make.case(user), user, sites=[])
    actions.discard(visit=draft, seen=draft.version, actor=make.actor(user))
    Visit.objects.filter(pk=draft.pk).update(findings="Put aside.")
    sql("DELETE FROM rls_module_visit WHERE id = %s", draft.pk)
    assert not Visit.objects.filter(pk=draft.pk).exists()


# The door


def erase_note() -> None:
    for kind in (
        "needlingsite",
        "fascialpoint",
        "performedexercise",
        "signature",
        "visit",
        "emergencyaccess",
        "auditevent",
    ):
        sql(f"DELETE FROM {MODELS[kind]._meta.db_table}")


def test_the_erasure_door_lets_deletes_pass_in_its_own_transaction():
    """DI-4."""
    signed_note()
    with transaction.atomic():
        erasure.open_door(connection)
        erase_note()
        erasure.close_door(connection)
    assert [model for model in MODELS.values() if model._base_manager.exists()] == []
    assert not Erasure.objects.exists()


def test_the_open_door_lets_no_change_and_no_new_site_pass():
    """DI-4: it is a door for erasing, not for rewriting."""
    there = signed_note()
    erasure.open_door(connection)
    new = NeedlingSite(visit=there["visit"], position=2, created_at=make.NOW, **make.site())
    assert refused(lambda: sql("UPDATE rls_module_visit SET findings = 'z'"))
    assert refused(lambda: sql("UPDATE rls_module_needlingsite SET muscle = 'z'"))
    assert refused(new.save)


def test_a_closed_door_is_closed():
    """DI-4."""
    signed_note()
    erasure.open_door(connection)
    erasure.close_door(connection)
    assert refused(erase_note)


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_erasure_row_of_an_earlier_transaction_opens_nothing():
    """DI-4: a leftover is worth nothing, however fresh."""
    signed_note()
    with transaction.atomic():
        erasure.open_door(connection)
    assert Erasure.objects.count() == 1
    for kind in KINDS:
        assert refused(lambda kind=kind: sql(f"DELETE FROM {MODELS[kind]._meta.db_table}"))
        assert refused(lambda kind=kind: sql(f"TRUNCATE {MODELS[kind]._meta.db_table} CASCADE"))
    erasure.close_door(connection)


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_erasure_row_of_another_transaction_opens_nothing():
    """DI-4."""
    signed_note()

    def elsewhere() -> str:
        try:
            with transaction.atomic():
                erase_note()
        except IntegrityError as error:
            return str(error)
        return "deleted"

    with transaction.atomic():
        erasure.open_door(connection)
        [said] = make.at_once(elsewhere)
        transaction.set_rollback(True)
    assert "signed or witnessed" in said


@only_sqlite
@pytest.mark.parametrize("age", ["-61 seconds", "-1 day", "-10 years"])
def test_a_stale_erasure_row_opens_nothing(age):
    """DI-4: SQLite knows no transaction id; a row older than a minute is a leftover."""
    signed_note()
    sql(f"INSERT INTO rls_module_erasure (opened_at) VALUES (STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '{age}'))")
    for kind in KINDS:
        assert refused(lambda kind=kind: sql(f"DELETE FROM {MODELS[kind]._meta.db_table}"))


# The triggers themselves


def test_every_trigger_is_there_after_migrate():
    """DI-4."""
    assert guards.missing(connection) == []


# A signed plan goes on living: what it says is guarded, how it stands is not.
LIVING = {
    "rls_module_plan": {"status", "status_reason", "draft_key", "running_key", "version"},
    "rls_module_emergencyaccess": {"told_at"},
    "rls_module_importedinstrument": {"retired_at", "retired_because", "retired_by_name"},
}


def test_every_column_of_a_guarded_table_is_in_its_guard():
    """DI-4: a new column is guarded, or this fails."""
    for guard in guards.GUARDS:
        model = apps.get_model("rls_module", guard.table.removeprefix("rls_module_"))
        columns = {field.column for field in model._meta.concrete_fields}
        assert {*guard.columns, *guard.user_keys} == columns - LIVING.get(guard.table, set()), guard.table


def test_every_row_that_hangs_from_a_note_is_guarded_with_it():
    """DI-4: a new typed row of a visit is guarded, or this fails."""
    of_visit = {relation.related_model._meta.db_table for relation in Visit._meta.related_objects} - {
        "rls_module_addendum",  # guarded by itself: it is added to what is signed
        "rls_module_adverseevent",  # guarded by itself; what a visit brought may show when it is long signed
    }
    assert of_visit == {child.table for child in guards.CHILD_GUARDS if child.parent == "rls_module_visit"}
    of_plan = {relation.related_model._meta.db_table for relation in Plan._meta.related_objects} - {
        "rls_module_certificationdate",  # guarded by itself: it is added to what is signed
        "rls_module_prescription",  # the home programme runs beside the plan and changes from visit to visit
        "rls_module_teaching",  # guarded by itself: what a plan says is taught when it is signed
        "rls_module_plan",
    }
    assert of_plan == {child.table for child in guards.CHILD_GUARDS if child.parent == "rls_module_plan"}


def said_by_the_checks() -> list[str]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [message.msg for message in found if message.id == "rls_module.E021"]


def test_the_system_check_names_a_trigger_that_was_dropped():
    """DI-4: one after the other, each by name."""
    assert said_by_the_checks() == []
    for table, name in guards.trigger_names(connection.vendor):
        with transaction.atomic():
            sql(f"DROP TRIGGER {name}" + (f" ON {table}" if POSTGRESQL else ""))
            assert said_by_the_checks() == [f"The trigger {name}, which guards signed rows, is missing."]
            transaction.set_rollback(True)
    assert said_by_the_checks() == []


@only_postgresql
def test_the_system_check_names_a_trigger_that_was_switched_off():
    """DI-4."""
    connection.check_constraints()
    sql("ALTER TABLE rls_module_signature DISABLE TRIGGER rls_module_signature_no_delete")
    [said] = said_by_the_checks()
    assert "rls_module_signature_no_delete" in said


def test_installing_again_brings_back_what_was_dropped():
    """DI-4: every migration that touches a table may call it."""
    for table, name in list(guards.trigger_names(connection.vendor))[:3]:
        sql(f"DROP TRIGGER {name}" + (f" ON {table}" if POSTGRESQL else ""))
    assert len(guards.missing(connection)) == 3
    guards.install(connection)
    assert guards.missing(connection) == []


def test_removing_the_guards_leaves_nothing_of_them_behind():
    """Host contract A15: uninstalled means gone, functions too."""
    guards.remove(connection)
    query = (
        "SELECT proname FROM pg_proc WHERE proname LIKE 'rls_module%%'"
        if POSTGRESQL
        else ("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.fetchall() == []
    assert len(guards.missing(connection)) == len(list(guards.trigger_names(connection.vendor)))


def test_a_database_that_we_have_no_triggers_for_is_left_alone():
    other_vendor = SimpleNamespace(vendor="mysql")
    guards.install(other_vendor)
    guards.remove(other_vendor)
    assert guards.missing(other_vendor) == []


# A signature in flight


def is_waiting(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return cursor.fetchone()[0]


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_site_that_comes_while_the_note_is_being_signed_is_refused():
    """DI-4: the insert waits for the signature, and then meets a signed note."""
    user = make.therapist()
    visit = make.draft(make.case(user), user)
    pids: queue.Queue[int] = queue.Queue()
    outcome: list[BaseException | None] = []

    def late_site() -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    pids.put(cursor.fetchone()[0])
                NeedlingSite.objects.create(visit_id=visit.pk, position=2, created_at=make.NOW, **make.site())
            outcome.append(None)
        except DatabaseError as error:
            outcome.append(error)
        finally:
            connections.close_all()

    other_tab = threading.Thread(target=late_site)
    with transaction.atomic():
        signed = actions.sign(visit=visit, seen=visit.version, actor=make.actor(user), now=make.NOW)
        other_tab.start()
        pid = pids.get(timeout=30)
        assert any(is_waiting(pid) or not other_tab.is_alive() for _ in range(100_000))
        assert outcome == []
    other_tab.join(timeout=30)
    assert isinstance(outcome[0], IntegrityError)
    assert "signed or witnessed" in str(outcome[0])
    assert NeedlingSite.objects.filter(visit=signed).count() == 1
