"""The life of an export: asked for, made by the engine's turn, fetched once, gone after a day; and what goes wrong."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from clinic.models import Patient
from clinic.rls import ClinicAdapter
from rls_module import engine
from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.host import clock
from rls_module.outcomes import actions, strongbox
from rls_module.outcomes.actions import making
from rls_module.outcomes.models import Export, ExportPart
from rls_module.outcomes.queries import exported
from tests import factories as make
from tests.rls_module.host.test_audit_failure import no_audit
from tests.rls_module.outcomes import exporting as ex

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def user():
    make.protocol()
    return make.therapist()


@pytest.fixture
def chart(user):
    case = make.case(user)
    make.baseline(case, user)
    ex.agrees(case.chart, user)
    return case.chart


def events(export: Export, verb: str = "") -> list[AuditEvent]:
    found = AuditEvent.objects.filter(object_kind="export", object_id=str(export.uuid)).order_by("pk")
    return list(found.filter(verb=verb) if verb else found)


def left_by_a_dead_worker(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(state="running", attempts=1, lease_until=Now() - timedelta(seconds=1))


# --- The life


def test_a_turn_of_the_engine_makes_it_and_its_owner_fetches_it_once(user, chart):
    """PV-8: asked for, made by the engine, one time; the file is emptied in the transaction that hands it out."""
    asked = ex.ask(user, chart)
    assert (asked.state, asked.kind, asked.is_identified) == ("queued", "patient", True)
    export = ex.turned(asked)
    assert (export.state, export.ready_at, export.lease_until) == ("ready", make.NOW, None)
    assert ExportPart.objects.filter(export=export).count() == 1
    folder = ex.fetched(export, user)
    assert folder.testzip() is None
    export.refresh_from_db()
    assert export.state == "fetched"
    assert not ExportPart.objects.exists()
    with pytest.raises(actions.Gone):
        actions.fetch(export=export, actor=make.actor(user), now=make.NOW)


def test_no_word_of_it_lies_in_the_database_in_clear(user, chart):
    """PV-8: encrypted at rest; a ZIP's own mark is not there either."""
    ex.turned(ex.ask(user, chart))
    content = b"".join(bytes(part.content) for part in ExportPart.objects.all())
    assert len(content) > 1000
    assert b"PK\x03\x04" not in content
    assert b"patients.csv" not in content


def test_it_is_gone_a_day_after_it_was_asked_for(user, chart):
    """PV-8: at most 24 hours, and from the first moment after them, whether the engine has come by or not."""
    export = ex.turned(ex.ask(user, chart))
    assert export.expires_at - export.created_at == timedelta(hours=24)
    with pytest.raises(actions.Gone):
        actions.fetch(export=export, actor=make.actor(user), now=export.expires_at)
    assert ex.turned(export, now=export.expires_at).state == "expired"
    assert not ExportPart.objects.exists()
    assert [event.actor for event in events(export, "export.expired")] == ["system:exports"]


def test_one_that_was_never_made_expires_too(user, chart):
    """PV-8: an engine that stood still does not make yesterday's."""
    export = ex.ask(user, chart)
    assert ex.turned(export, now=make.NOW + timedelta(hours=24)).state == "expired"
    assert export.attempts == 0


def test_a_large_file_lies_in_parts_and_comes_back_whole(user, chart, monkeypatch):
    monkeypatch.setattr(making, "PART", 1000)
    export = ex.turned(ex.ask(user, chart))
    parts = ExportPart.objects.filter(export=export)
    assert parts.count() == -(-export.manifest["bytes"] // 1000)
    assert {row.number for row in parts} == set(range(parts.count()))
    assert ex.fetched(export, user).testzip() is None


def test_a_part_that_is_missing_makes_all_of_it_unreadable(user, chart, monkeypatch):
    monkeypatch.setattr(making, "PART", 1000)
    export = ex.turned(ex.ask(user, chart))
    ExportPart.objects.order_by("-number").first().delete()
    assert actions.fetch(export=export, actor=make.actor(user), now=make.NOW) is None
    export.refresh_from_db()
    assert (export.state, export.state_reason) == ("failed", "key_gone")


def test_a_key_that_left_the_ring_is_told_in_words(user, chart, settings):
    """PV-8: nothing opens it, and nothing breaks."""
    export = ex.turned(ex.ask(user, chart))
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_KEYS": {"next": "x" * 40}}
    assert actions.fetch(export=export, actor=make.actor(user), now=make.NOW) is None
    export.refresh_from_db()
    assert (export.state, export.state_reason) == ("failed", "key_gone")
    assert "nobody can read it" in exported.reason_words("key_gone")
    assert not ExportPart.objects.exists()


# --- Asked again when it is made


def test_an_owner_whose_account_was_closed_gets_nothing(user, chart):
    """PV-8: the run asks again what can be asked without a request."""
    export = ex.ask(user, chart)
    user.is_active = False
    user.save()
    assert ex.turned(export).state_reason == "owner_gone"


def test_an_owner_who_was_deleted_gets_nothing(user, chart):
    export = ex.ask(make.therapist(username="leaves"), chart)
    owner = export.owner
    owner.clinic_staff.delete()
    owner.delete()
    assert ex.turned(export).state_reason == "owner_gone"


def test_a_patient_who_moved_to_another_clinic_is_not_in_it(user, chart):
    """PV-8, AZ-16: scope again at the run: the host's answer of now."""
    export = ex.ask(user, chart)
    Patient.objects.filter(pk=chart.patient_id).update(clinic=make.clinic("hillside"))
    assert ex.turned(export).state_reason == "moved"
    assert not ExportPart.objects.exists()


def test_each_clinic_makes_its_own(user, chart):
    """AZ-16: a registry holds its own clinic's patients and no other's."""
    stranger = make.therapist(make.clinic("hillside"))
    make.protocol("hillside")
    other = make.case(stranger, make.patient(stranger, make.clinic("hillside")))
    ex.agrees(other.chart, stranger)
    mine, theirs = ex.ask(user), ex.ask(stranger, scope="hillside")
    assert ex.turned(mine).manifest["tables"]["patients"]["rows"] == 1
    theirs.refresh_from_db()
    assert theirs.manifest["tables"]["patients"]["rows"] == 1
    keys = {event.patient: event.scope for event in AuditEvent.objects.filter(object_kind="export list")}
    assert keys == {str(chart.patient_id): "riverside", str(other.chart.patient_id): "hillside"}


# --- Workers that die, meet, or come too late


def test_what_a_dead_worker_left_is_taken_again(user, chart):
    export = ex.ask(user, chart)
    left_by_a_dead_worker(export)
    export = ex.turned(export)
    assert (export.state, export.attempts) == ("ready", 2)


def test_what_a_living_worker_holds_is_left_alone(user, chart):
    export = ex.ask(user, chart)
    Export.objects.filter(pk=export.pk).update(state="running", lease_until=clock.lease_end(60))
    assert ex.turned(export).state == "running"


def test_one_that_takes_its_workers_with_it_is_given_up(user, chart):
    export = ex.ask(user, chart)
    left_by_a_dead_worker(export)
    Export.objects.filter(pk=export.pk).update(attempts=making.MOST_ATTEMPTS)
    assert ex.turned(export).state_reason == "gave_up"


def test_a_fault_is_told_by_its_kind_and_tried_again_when_the_lease_is_over(user, chart, caplog, settings):
    """PV-1: the fault's own words may hold a patient."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{__name__}.Speechless"}
    export = ex.turned(ex.ask(user, chart))
    assert (export.state, export.attempts) == ("running", 1)
    assert "exports failed for scope riverside (RuntimeError)" in caplog.text
    assert "canary" not in caplog.text


def test_a_worker_that_comes_back_too_late_keeps_nothing(user, chart):
    """Two workers, one row: the version has moved on, and so nothing of the first is stored."""
    slow = ex.ask(user, chart)
    assert making._claim(slow)
    late = making._written(slow, [chart], make.NOW)
    left_by_a_dead_worker(slow)
    ready = ex.turned(Export.objects.get(pk=slow.pk))
    assert ready.state == "ready"
    assert making._keep(slow, late, [chart], make.NOW) is False
    assert ExportPart.objects.count() == 1
    assert ex.fetched(ready, user).testzip() is None


def test_two_workers_do_not_take_the_same_one(user, chart):
    export = ex.ask(user, chart)
    one, other = Export.objects.get(pk=export.pk), Export.objects.get(pk=export.pk)
    assert [making._claim(one), making._claim(other)] == [True, False]


# --- Limits


def test_one_person_has_so_many_at_a_time(user, chart):
    for _ in range(actions.MOST_OPEN):
        ex.ask(user, chart)
    with pytest.raises(actions.TooMany):
        ex.ask(user, chart)
    ex.ask(make.therapist(), chart)  # somebody else's are their own


def test_one_that_is_too_large_is_told_so(user, chart, monkeypatch):
    monkeypatch.setattr(making, "MOST_BYTES", 2000)
    assert ex.turned(ex.ask(user, chart)).state_reason == "too_large"


def test_one_that_takes_too_long_is_told_so(user, chart, monkeypatch):
    monkeypatch.setattr(making, "LONGEST", timedelta(seconds=-1))
    assert ex.turned(ex.ask(user, chart)).state_reason == "too_long"


def test_mails_go_first_and_an_export_gets_what_they_left_of_the_turn(user, chart, monkeypatch, mailoutbox):
    """A turn that mails have filled makes no export; the next one does."""
    moment = make.queued(1)[0].due_at
    export = ex.ask(user, chart, now=moment)
    monkeypatch.setattr(engine, "TURN", making.LONGEST - timedelta(seconds=1))
    assert ex.turned(export, now=moment).state == "queued"
    assert len(mailoutbox) == 1
    monkeypatch.undo()
    assert ex.turned(export, now=moment).state == "ready"


def test_without_the_package_nothing_is_asked_for_and_nothing_made(user, chart, monkeypatch):
    """PV-8: no export, and never one in clear."""
    export = ex.ask(user, chart)
    monkeypatch.setattr(strongbox, "is_installed", False)
    with pytest.raises(actions.NotInstalled):
        ex.ask(user, chart)
    assert ex.turned(export).state_reason == "not_installed"


@pytest.mark.parametrize(
    "reason", ["owner_gone", "moved", "too_large", "too_long", "gave_up", "key_gone", "not_installed"]
)
def test_every_reason_has_words(reason):
    assert exported.reason_words(reason) not in ("", reason)


# --- The witness


def test_everything_that_happens_to_it_is_on_record(user, chart):
    """AU-1, AU-5: asked, made with the file's hash, downloaded; and who then reads the patient's rows."""
    export = ex.turned(ex.ask(user, chart))
    ex.fetched(export, user)
    hashed = f"sha256 {export.manifest['sha256']}"
    assert [(event.verb, event.actor, event.purpose) for event in events(export)] == [
        ("export.patient", f"user:{user.pk}", ""),
        ("export.made", "system:exports", hashed),
        ("export.download", f"user:{user.pk}", hashed),
    ]
    [read] = AuditEvent.objects.filter(object_kind="export list")
    assert (read.actor, read.verb, read.patient) == (f"user:{user.pk}", "export.patient", str(chart.patient_id))
    assert read.request_id == export.uuid.hex


def test_a_registry_is_a_read_of_each_patient_in_it_and_of_nobody_else(user, chart):
    """AU-1: one event a patient, as decision 2 has it."""
    silent = make.case(user)
    export = ex.turned(ex.ask(user))
    read = AuditEvent.objects.filter(object_kind="export list", verb="export.create")
    assert {event.patient for event in read} == {str(chart.patient_id)} != {str(silent.chart.patient_id)}
    assert {event.request_id for event in read} == {export.uuid.hex}


@pytest.mark.parametrize("verb", ["export.patient", "export.made", "export.download"])
def test_without_a_witness_nothing_is_asked_for_made_or_handed_out(user, chart, verb):
    """AU-3: the event and what it witnesses stand or fall together."""
    export = ex.ask(user, chart)
    if verb == "export.download":
        ex.turned(export)
    before = (Export.objects.count(), ExportPart.objects.count())
    with no_audit(verb):
        if verb == "export.made":
            ex.turned(export)
        else:
            act = ex.ask if verb == "export.patient" else ex.fetched
            with pytest.raises(Exception, match="audit"), transaction.atomic():
                act(user, chart) if act is ex.ask else act(export, user)
    export.refresh_from_db()
    assert export.state in ("running", "ready", "queued")
    assert (Export.objects.count(), ExportPart.objects.count()) == before


# --- The rows


def test_a_patients_export_goes_with_the_patient(user, chart):
    """DI-11: a release takes it along, the locked file too."""
    ex.turned(ex.ask(user, chart))
    case_actions.release(chart=chart, reason="asked to be forgotten", actor=make.actor(user))
    assert not Export.objects.exists()
    assert not ExportPart.objects.exists()


@pytest.mark.parametrize(
    "values", [{"kind": "registry"}, {"is_identified": False}, {"state": "lost"}], ids=["kind", "identified", "state"]
)
def test_the_database_refuses_a_row_that_can_not_be(user, chart, values):
    export = ex.ask(user, chart)
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(**values)


def test_nobody_elses_export_exists(user, chart):
    """AZ-8: found by its owner and its clinic, not by its key alone."""
    export = ex.ask(user, chart)
    assert exported.own_one(user.pk, export.uuid, scope="riverside") == export
    assert exported.own_one(user.pk, export.uuid, scope="hillside") is None
    assert exported.own_one(make.therapist().pk, export.uuid, scope="riverside") is None
    assert exported.own_one(user.pk, UUID(int=1), scope="riverside") is None


class Speechless(ClinicAdapter):
    """A host that breaks when it is asked for a name, and says whose."""

    def display_name(self, patient: Patient) -> str:
        raise RuntimeError("canary")
