"""The chain of seals: whole after a turn, and named by row where somebody tampered, on both databases."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from rls_module.audit import erasure, log, purging, sealing, verifying
from rls_module.audit.models import AuditEvent, Seal
from rls_module.audit.verifying import Fault
from rls_module.followups import actions
from rls_module.host.actor import system
from rls_module.host.clock import database_now
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

LATER = timedelta(minutes=11)


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
    forged = [[key, sealing.digest(AuditEvent.objects.get(pk=key))]]
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("UPDATE rls_module_seal SET events = %s WHERE id = %s", [json.dumps(forged), first.pk])
    assert faults() == [Fault("broken", "riverside", "seal 1")]
    whole = sealing.chained("", "riverside", 1, [tuple(forged[0])])
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("UPDATE rls_module_seal SET hash = %s WHERE id = %s", [whole, first.pk])
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


def test_the_days_head_is_told_in_the_log(caplog):
    """AU-4: hashes and numbers only."""
    events(1)
    sealing.seal("riverside")
    with as_owner("rls_module_seal") as cursor:
        cursor.execute("UPDATE rls_module_seal SET sealed_at = %s", [database_now() - timedelta(days=1)])
    events(1)
    with caplog.at_level(logging.INFO, "rls_module.audit"):
        sealing.seal("riverside")
    first = Seal.objects.get(number=1)
    assert f"audit head riverside:1:{first.hash}" in caplog.text


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
        ):
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                cursor.execute(statement)
        cursor.execute("RESET ROLE")


# --- Retention


def test_a_purge_takes_what_is_old_and_the_chain_still_holds():
    """AU-9: by whole seals, through the door, itself an event; patients under a hold stay."""
    old = events(2) + events(1, patient="held")
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("UPDATE rls_module_auditevent SET at = %s", [database_now() - timedelta(days=2)])
    sealing.seal("riverside")
    young = events(1)
    sealing.seal("riverside")
    before = database_now() - timedelta(days=1)
    assert purging.purge("riverside", before=before, held={"held"}, actor=system("rls_purge")) == 2
    assert set(AuditEvent.objects.filter(pk__in=old + young).values_list("pk", flat=True)) == {old[2], young[0]}
    [mark] = AuditEvent.objects.filter(verb="audit.purge")
    assert (mark.object_kind, mark.object_id, mark.purpose[:8]) == ("seal", "1", "2 events")
    sealing.seal("riverside")
    assert faults() == []
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("DELETE FROM rls_module_auditevent WHERE id = %s", [young[0]])
    assert faults() == [Fault("missing", "riverside", f"event {young[0]}")], "a purge excuses its own seals only"


def test_the_purge_command_counts_first_and_keeps_six_years():
    """AU-9: AUDIT_YEARS; a dry run erases nothing."""
    make.clinic()
    events(1)
    sealing.seal("riverside")
    for options in (["--dry-run"], []):
        out = StringIO()
        call_command("rls_purge", *options, stdout=out)
        assert "riverside: 0 audit events of before" in out.getvalue()
    with as_owner("rls_module_auditevent") as cursor:
        cursor.execute("UPDATE rls_module_auditevent SET at = %s", [database_now() - timedelta(days=6 * 366)])
    out = StringIO()
    call_command("rls_purge", "--dry-run", stdout=out)
    assert "riverside: 1 audit events of before" in out.getvalue()
    assert AuditEvent.objects.count() == 1
    call_command("rls_purge", stdout=StringIO())
    assert list(AuditEvent.objects.values_list("verb", flat=True)) == ["audit.purge"]
