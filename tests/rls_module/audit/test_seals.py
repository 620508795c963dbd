"""The chain of seals: whole after a turn, and named by row where somebody tampered, on both databases."""

from __future__ import annotations

import json
import logging
import threading
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rls_module.audit import erasure, log, purging, sealing, verifying
from rls_module.audit.models import AuditEvent, Erasure, Seal
from rls_module.audit.verifying import Fault
from rls_module.followups import actions
from rls_module.host.actor import system
from rls_module.host.clock import database_now
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

LATER = timedelta(minutes=13)
OLD = timedelta(days=7 * 366)


def events(count: int, *, scope: str = "riverside", patient: str = "7") -> list[int]:
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    for number in range(count):
        log.record(actor=system("test"), verb="chart.view", patient=patient, scope=scope, ref=number, fields=["a", "é"])
    return sorted(set(AuditEvent.objects.values_list("pk", flat=True)) - before)


def faults(scope: str = "riverside", **more) -> list[Fault]:
    return verifying.verify(scope, now=database_now(), **more)


@contextmanager
def as_owner(table: str):
    """The triggers off, as only the owner of the tables can have them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            kept = cursor.fetchall()
            for name, _sql in kept:
                cursor.execute(f"DROP TRIGGER {name}")
        yield cursor
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        else:
            for _name, sql in kept:
                cursor.execute(sql.replace("%", "%%"))


def test_a_turn_of_the_engine_seals_what_was_written():
    """AU-4: nothing is left unsealed, in the scope and in none, and the chain holds."""
    make.clinic()
    make.protocol()
    keys = events(3) + events(2, scope="")
    actions.tick(now=make.NOW)
    sealed = {key for row in Seal.objects.all() for key, _digest in row.events}
    assert set(keys) <= sealed
    assert faults() == faults("") == []
    assert verifying.verify("riverside", now=database_now() + LATER) == []


def test_batches_are_chained(monkeypatch):
    """AU-4: each seal names the hash of the one before."""
    monkeypatch.setattr(sealing, "BATCH", 2)
    events(5)
    assert sealing.seal("riverside") == 5
    first, second, third = Seal.objects.order_by("number")
    assert (first.number, first.previous, second.previous, third.previous) == (1, "", first.hash, second.hash)
    assert [len(one.events) for one in (first, second, third)] == [2, 2, 1]
    assert sealing.seal("riverside") == 0
    assert faults() == []


def test_a_changed_event_is_named():
    """AU-4: tampered by the owner of the table, past every trigger."""
    keys = events(5)
    sealing.seal("riverside")
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("UPDATE rls_module_auditevent SET actor = 'user:9' WHERE id = %s", [keys[2]])
    assert faults() == [Fault("changed", "riverside", f"event {keys[2]}")]


def test_a_deleted_event_is_named():
    """AU-4."""
    keys = events(3)
    sealing.seal("riverside")
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("DELETE FROM rls_module_auditevent WHERE id = %s", [keys[0]])
    assert faults() == [Fault("missing", "riverside", f"event {keys[0]}")]


def test_a_changed_event_cannot_be_made_good_in_its_seal():
    """AU-4: the digest put right by hand breaks the seal, and a seal put right breaks the next."""
    [key] = events(1)
    sealing.seal("riverside")
    events(1)
    sealing.seal("riverside")
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("UPDATE rls_module_auditevent SET patient = '8' WHERE id = %s", [key])
    first = Seal.objects.get(number=1)
    first.events = [[key, sealing.digest(AuditEvent.objects.get(pk=key))]]
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("UPDATE rls_module_seal SET events = %s WHERE id = %s", [json.dumps(first.events), first.pk])
    assert faults() == [Fault("broken", "riverside", "seal 1")]
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("UPDATE rls_module_seal SET hash = %s WHERE id = %s", [sealing.chained(first), first.pk])
    assert faults() == [Fault("broken", "riverside", "seal 2")]


def test_a_tail_cut_off_is_told_from_the_head_that_was_kept():
    """AU-4: events and their seals gone together leave a chain that looks whole."""
    events(2)
    sealing.seal("riverside")
    cut = events(2)
    sealing.seal("riverside")
    last = Seal.objects.get(number=2)
    kept = (last.number, last.hash)
    assert faults(kept_head=kept) == []
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("DELETE FROM rls_module_auditevent WHERE id IN (%s, %s)", cut)
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("DELETE FROM rls_module_seal WHERE id = %s", [last.pk])
    assert faults() == []
    assert faults(kept_head=kept) == [Fault("cut", "riverside", "seal 2")]


def test_an_event_that_nobody_sealed_is_reported():
    """AU-4: a row slipped in with an old time is not taken for one of the last minutes."""
    [key] = events(1)
    assert faults() == [], "a turn may still come"
    assert verifying.verify("riverside", now=database_now() + LATER) == [Fault("unsealed", "riverside", f"event {key}")]


def test_a_transaction_that_commits_late_is_sealed_all_the_same():
    """AU-4: its event has a lower key than one that is sealed already."""
    late, early = events(2)
    row = AuditEvent.objects.get(pk=late)
    erasure.open_door(connection)
    AuditEvent.objects.filter(pk=late).delete()
    erasure.close_door(connection)
    sealing.seal("riverside")
    row.save(force_insert=True)
    assert sealing.seal("riverside") == 1
    assert [[key for key, _digest in one.events] for one in Seal.objects.order_by("number")] == [[early], [late]]
    assert faults() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.only_postgresql
def test_two_turns_at_once_make_one_chain():
    """AU-4."""
    keys = events(40)
    make.at_once(*[lambda: sealing.seal("riverside")] * 6)
    sealing.seal("riverside")
    sealed = [key for row in Seal.objects.all() for key, _digest in row.events]
    assert sorted(sealed) == keys
    assert faults() == []


def test_the_days_head_is_told_in_the_log(caplog, django_capture_on_commit_callbacks):
    """AU-4: hashes and numbers only, once a day, and as `verify --head` takes it."""
    events(1)
    sealing.seal("riverside")
    first = Seal.objects.get()
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("UPDATE rls_module_seal SET sealed_at = %s", [database_now() - timedelta(days=1)])
    with caplog.at_level(logging.INFO, "rls_module.audit"), django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            events(1)
            sealing.seal("riverside")
    assert [one.getMessage() for one in caplog.records] == [f"audit head riverside:1:{first.hash}"]


def test_a_scope_that_the_host_has_no_more_is_sealed_too():
    """AU-4: a clinic that closed leaves events, and its chain must not stay open for ever."""
    make.clinic()
    make.protocol()
    events(1, scope="closed")
    actions.tick(now=make.NOW)
    assert verifying.verify("closed", now=database_now() + LATER) == []


def test_a_dump_and_its_restore_keep_the_chain():
    """AU-4: Django's own dumps keep time to the millisecond only."""
    events(3)
    sealing.seal("riverside")
    dump = serializers.serialize("json", [*AuditEvent.objects.all(), *Seal.objects.all()])
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("DELETE FROM rls_module_auditevent")
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("DELETE FROM rls_module_seal")
    for row in serializers.deserialize("json", dump):
        row.save()
    assert (AuditEvent.objects.count(), Seal.objects.count(), faults()) == (3, 1, [])


def test_a_long_backlog_is_sealed_with_the_same_few_statements_for_each_batch(monkeypatch):
    """AU-4: four times as many events take four times as many statements, none of which names the ones before."""
    monkeypatch.setattr(sealing, "BATCH", 10)
    asked = []
    for number in (50, 200):
        scope = f"s{number}"
        AuditEvent.objects.bulk_create(AuditEvent(actor="system:x", verb="v", scope=scope) for _ in range(number))
        with CaptureQueriesContext(connection) as captured:
            assert sealing.seal(scope) == number
        asked.append(len([one for one in captured if "SAVEPOINT" not in one["sql"]]))
        assert max(len(one["sql"]) for one in captured if one["sql"].startswith("SELECT")) < 1500
    few, many = asked
    assert many - few <= (few - 4) * 3 + 4


def test_a_turn_seals_so_much_and_the_next_goes_on(monkeypatch):
    """AU-4: a backlog never makes a turn of the engine late."""
    monkeypatch.setattr(sealing, "BATCH", 3)
    monkeypatch.setattr(sealing, "MOST_BATCHES", 2)
    events(8)
    assert [sealing.seal("riverside") for _ in range(3)] == [6, 2, 0]
    assert faults() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.only_postgresql
def test_events_that_commit_out_of_order_are_all_sealed():
    """AU-4: the lower key is still in its transaction while the higher is sealed."""
    written, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            events(1)
            written.set()
            assert may_commit.wait(timeout=60)

    def meanwhile() -> int:
        assert written.wait(timeout=60)
        events(1)
        sealed = sealing.seal("riverside")
        may_commit.set()
        return sealed

    assert make.at_once(slowly, meanwhile) == [None, 1]
    assert sealing.seal("riverside") == 1
    late, early = AuditEvent.objects.order_by("pk").values_list("pk", flat=True)
    assert [[key for key, _digest in one.events] for one in Seal.objects.order_by("number")] == [[early], [late]]
    assert faults() == []


def test_a_seal_that_was_taken_out_of_the_middle_is_noticed():
    """AU-4."""
    for _ in range(3):
        events(1)
        sealing.seal("riverside")
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("DELETE FROM rls_module_seal WHERE number = 2")
    assert Fault("broken", "riverside", "seal 3") in faults()


@pytest.mark.parametrize("column", ["sealed_at", "latest_at", "last_event", "erased"])
def test_nothing_that_a_seal_says_can_be_changed_unseen(column):
    """AU-4: neither its times, which decide what a purge may excuse."""
    events(1)
    sealing.seal("riverside")
    value = {"erased": "[[1, 1]]", "last_event": 10**6}.get(column, database_now() - OLD)
    with as_owner("rls_module_seal") as cursor:
        cursor.execute(f"UPDATE rls_module_seal SET {column} = %s", [value])
    assert faults() == [Fault("broken", "riverside", "seal 1")]


# --- The command


def verified(*options: str) -> tuple[bool, str]:
    out = StringIO()
    try:
        call_command("rls_audit", "verify", *options, stdout=out)
    except CommandError:
        return False, out.getvalue()
    return True, out.getvalue()


def test_the_command_says_which_row():
    """AU-4: 0 well, 1 not."""
    [key] = events(1)
    make.clinic()
    sealing.seal("riverside")
    ok, said = verified()
    assert (ok, "0 faults" in said) == (True, True)
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("UPDATE rls_module_auditevent SET verb = 'x' WHERE id = %s", [key])
    ok, said = verified()
    assert not ok
    assert f"changed   riverside  event {key}" in said
    assert verified("--scope", "elsewhere") == (True, "1 chains read, 0 faults\n")
    ok, said = verified("--json")
    assert json.loads(said) == {"ok": False, "faults": [["changed", "riverside", f"event {key}"]]}


def test_a_head_that_is_none_is_a_usage_error():
    with pytest.raises(CommandError, match="SCOPE:NUMBER:HASH"):
        call_command("rls_audit", "verify", "--head", "nonsense")


@pytest.mark.only_postgresql
def test_a_role_with_those_grants_adds_and_reads_and_does_nothing_else():
    """AU-4: by grant, before any trigger."""
    out = StringIO()
    call_command("rls_audit", "grants", "--role", "rls_web_of_test", stdout=out)
    events(1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE rls_web_of_test")
        cursor.execute(out.getvalue())
        cursor.execute("SET ROLE rls_web_of_test")
        events(1)
        for statement in (
            "UPDATE rls_module_auditevent SET verb = 'x'",
            "DELETE FROM rls_module_auditevent",
            "TRUNCATE rls_module_auditevent",
            "DELETE FROM rls_module_seal",
            "INSERT INTO rls_module_erasure (transaction_id, opened_at) VALUES (txid_current(), now())",
        ):
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                cursor.execute(statement)
        cursor.execute("RESET ROLE")


# --- Retention


def purge(**held: str) -> int:
    before = database_now() - timedelta(days=6 * 366)
    return purging.purge("riverside", before=before, held=set(held.values()), actor=system("rls_purge"))


def aged(count: int, **values: str) -> list[int]:
    """Events of seven years ago, not sealed yet."""
    keys = events(count, **values)
    with as_owner("rls_module_auditevent") as cursor:
        for key in keys:
            cursor.execute("UPDATE rls_module_auditevent SET at = %s WHERE id = %s", [database_now() - OLD, key])
    return keys


def deleted(key: int) -> None:
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("DELETE FROM rls_module_auditevent WHERE id = %s", [key])


def test_a_purge_takes_what_is_old_and_the_chain_still_holds():
    """AU-9: by whole seals, through the door, itself an event; patients under a hold stay."""
    old = aged(2) + aged(1, patient="held")
    sealing.seal("riverside")
    young = events(1)
    sealing.seal("riverside")
    assert purge(patient="held") == 2
    assert set(AuditEvent.objects.filter(pk__in=old + young).values_list("pk", flat=True)) == {old[2], young[0]}
    [mark] = AuditEvent.objects.filter(verb="audit.purge")
    assert (mark.object_kind, mark.object_id, mark.purpose[:8]) == ("seal", "1", "2 events")
    assert not Erasure.objects.exists()
    assert faults() == []
    deleted(young[0])
    assert faults() == [Fault("missing", "riverside", f"event {young[0]}")], "a purge excuses its own seals only"


def test_what_a_hold_kept_is_missed_when_it_goes_after_the_purge():
    """AU-4, AU-9: the hold is for just these events."""
    _gone, kept = aged(1) + aged(1, patient="held")
    sealing.seal("riverside")
    purge(patient="held")
    deleted(kept)
    assert faults() == [Fault("missing", "riverside", f"event {kept}")]


def test_a_purge_does_not_bless_what_was_changed_before_it():
    """AU-4: what a hold keeps is sealed again, and its first seal still tells."""
    _gone, kept = aged(1) + aged(1, patient="held")
    sealing.seal("riverside")
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("UPDATE rls_module_auditevent SET verb = 'x' WHERE id = %s", [kept])
    purge(patient="held")
    assert faults() == [Fault("changed", "riverside", f"event {kept}")]


def test_a_purge_does_not_hide_what_was_taken_before_it():
    """AU-4, AU-9: a seal that lacks an event is left as it is."""
    first, _second = aged(2)
    sealing.seal("riverside")
    deleted(first)
    assert purge() == 0
    assert faults() == [Fault("missing", "riverside", f"event {first}")]


def test_a_lifted_hold_lets_the_next_purge_take_the_rest():
    """AU-9: and a purge with nothing to take leaves no event."""
    aged(1)
    aged(2, patient="held")
    sealing.seal("riverside")
    assert (purge(patient="held"), purge(patient="held"), purge(), purge()) == (1, 0, 2, 0)
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"audit.purge"}
    assert AuditEvent.objects.count() == 2
    assert faults() == []


def test_an_event_that_says_purge_excuses_nothing():
    """AU-4: whoever can write an event could say that."""
    [key] = events(1)
    sealing.seal("riverside")
    log.record(actor=system("test"), verb="audit.purge", kind="seal", ref=1, scope="riverside")
    sealing.seal("riverside")
    deleted(key)
    assert faults() == [Fault("missing", "riverside", f"event {key}")]


def test_no_purge_excuses_that_an_event_of_this_year_is_missing():
    """AU-4: not even one that stands in a seal."""
    [key] = events(1)
    sealing.seal("riverside")
    [other] = events(1)
    row = AuditEvent.objects.get(pk=other)
    sealing.append(scope="riverside", after=sealing.tail("riverside"), events=[row], erased=[(1, 1)])
    deleted(key)
    assert faults() == [Fault("missing", "riverside", f"event {key}")]


def test_the_purge_command_counts_first_and_keeps_six_years():
    """AU-9: AUDIT_YEARS; a dry run erases nothing; a clinic that closed is not forgotten."""
    make.clinic()
    events(1)
    aged(1)
    aged(1, scope="closed")
    sealing.seal_all()
    assert ran("--dry-run") == {"closed": 1, "riverside": 0}, "its seal holds a young one too"
    aged(1)
    sealing.seal_all()
    assert ran("--dry-run") == {"closed": 1, "riverside": 1}
    assert AuditEvent.objects.count() == 4
    assert ran() == {"closed": 1, "riverside": 1}
    assert sorted(AuditEvent.objects.values_list("verb", flat=True)) == ["audit.purge"] * 2 + ["chart.view"] * 2


def ran(*options: str) -> dict[str, int]:
    out = StringIO()
    call_command("rls_purge", *options, stdout=out)
    lines = [line.split() for line in out.getvalue().splitlines()]
    return {line[0].removesuffix(":"): int(line[1]) for line in lines}


@pytest.mark.parametrize("years", [0, -1])
def test_nothing_is_erased_before_a_year_is_over(settings, years):
    """AU-9: a slip in the settings must not empty the audit."""
    aged(1)
    sealing.seal("riverside")
    settings.RLS_MODULE = settings.RLS_MODULE | {"AUDIT_YEARS": years}
    with pytest.raises(CommandError, match="a year at least"):
        call_command("rls_purge", stdout=StringIO())
    assert AuditEvent.objects.count() == 1
