"""Instruments that a clinic imported: kept for good, of this clinic only, retired and never changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from rls_module.audit.models import AuditEvent
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale
from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import loading, storing
from rls_module.library import actions, queries
from rls_module.library.models import ImportedInstrument, Licence
from tests import factories as make
from tests.rls_module.knowledge.instruments.samples import question, questionnaire, read, sleep

pytestmark = [pytest.mark.both, pytest.mark.django_db]
LENA = Actor("user:1", "Lena Ortiz")
DAY = timedelta(days=1)


def test_what_was_read_is_what_comes_back():
    make.instrument()
    assert queries.instrument("x-sleep", 1, scope="riverside") == read(sleep()).instrument


@pytest.mark.parametrize("content", [sleep(), questionnaire(question())])
def test_it_comes_back_the_same_from_the_database_itself(content):
    """The hash holds whatever order and form the database gives its JSON."""
    row = ImportedInstrument.objects.get(pk=make.instrument(content).pk)
    kept = storing.restored(row.structure, row.wording, content_hash=row.content_hash, is_licensed=False)
    assert kept == read(content).instrument


def test_shipped_ones_come_first_and_are_every_clinics():
    assert queries.instrument("rls_checkin", 1, scope="") == loading.shipped("rls_checkin")
    with pytest.raises(KeyError):
        queries.instrument("rls_checkin", 9, scope="riverside")


def test_another_clinic_has_none_of_it():
    make.instrument()
    with pytest.raises(KeyError):
        queries.instrument("x-sleep", 1, scope="hillside")
    assert not queries.imported("hillside").exists()
    make.instrument(sleep(Badly="Poorly"), scope="hillside")
    words = {where: queries.instrument("x-sleep", 1, scope=where).words("en") for where in ("riverside", "hillside")}
    assert [one.items["rest"].label("poor") for one in words.values()] == ["Badly", "Poorly"]


def test_a_correction_is_the_next_version_and_the_first_one_stays():
    make.instrument()
    for version in (1, 1):
        with pytest.raises(actions.NotNext) as caught:
            make.instrument(sleep(version, Badly="Poorly"))
        assert caught.value.newest == 1
    make.instrument(sleep(2, Badly="Poorly"))
    words = [queries.instrument("x-sleep", version, scope="riverside").words("en") for version in (1, 2)]
    assert [one.items["rest"].label("poor") for one in words] == ["Badly", "Poorly"]


def test_the_import_is_on_record_without_a_word_of_it():
    """AU-5, AU-6: change of an instrument."""
    row = make.instrument(holder="A. Holder")
    actions.retire_instrument(instrument=row, reason="Too long.", actor=LENA, now=make.NOW)
    events = AuditEvent.objects.filter(verb__startswith="instrument.").order_by("pk")
    assert [(one.verb, one.object_id, one.scope, one.fields, one.purpose) for one in events] == [
        ("instrument.import", str(row.uuid), "riverside", ["licence", "structure", "wording"], ""),
        ("instrument.retire", str(row.uuid), "riverside", ["retired_at"], "Too long."),
    ]  # fmt: skip
    assert AuditEvent.objects.filter(verb="licence.edit").count() == 1


def test_licensed_words_have_an_entry_in_the_register_and_are_marked():
    row = make.instrument(holder="A. Holder")
    entry = Licence.objects.get(instrument="x-sleep")
    assert (row.licence, entry.kind, entry.holder, entry.language) == (entry, "permission", "A. Holder", "en")
    assert queries.instrument("x-sleep", 1, scope="riverside").is_licensed
    with pytest.raises(ProtectedError):
        entry.delete()


# --- What may be asked


def offered(on=make.TODAY) -> list[int]:
    return [row.version for row in queries.imports_offered("riverside", on)]


def test_the_newest_version_is_offered_and_no_older_one_comes_back():
    """Decision 20: a correction replaces; words of before are asked again only when somebody imports them again."""
    make.instrument()
    second = make.instrument(sleep(2))
    assert offered() == [2]
    actions.retire_instrument(instrument=second, reason="Wrong words.", actor=LENA, now=make.NOW)
    assert (offered(), queries.to_ask("x-sleep", scope="riverside", on=make.TODAY)) == ([], (2, False))
    assert "x-sleep" not in [one.key for one in queries.newest_instruments("riverside")]
    make.instrument(sleep(3))
    assert (offered(), queries.to_ask("x-sleep", scope="riverside", on=make.TODAY)) == ([3], (3, True))


def test_no_older_permission_brings_older_words_back():
    first = make.instrument(holder="A. Holder")
    second = make.instrument(sleep(2), holder="A. Holder")
    actions.revoke_licence(licence=second.licence, reason="Ended.", actor=LENA, now=make.NOW)
    assert first.licence.revoked_at is None
    assert offered() == []


def test_a_retired_one_stays_readable_and_is_retired_once():
    row = make.instrument()
    with pytest.raises(ValueError, match="say why"):
        actions.retire_instrument(instrument=row, reason=" ", actor=LENA, now=make.NOW)
    actions.retire_instrument(instrument=row, reason="Too long.", actor=LENA, now=make.NOW)
    with pytest.raises(Stale):
        actions.retire_instrument(instrument=row, reason="Again.", actor=LENA, now=make.NOW)
    assert queries.instrument("x-sleep", 1, scope="riverside").key == "x-sleep"


def test_a_licensed_one_is_offered_while_its_permission_stands():
    row = make.instrument(holder="A. Holder")
    assert (offered(make.TODAY - DAY), offered()) == ([], [1])
    Licence.objects.filter(pk=row.licence_id).update(expires_on=make.TODAY + DAY)
    assert (offered(make.TODAY + DAY), offered(make.TODAY + 2 * DAY)) == ([1], [])
    actions.revoke_licence(licence=row.licence, reason="Ended.", actor=LENA, now=make.NOW)
    assert offered() == []


def test_a_permission_can_be_renewed():
    row = make.instrument(holder="A. Holder")
    Licence.objects.filter(pk=row.licence_id).update(expires_on=make.TODAY)
    assert offered(make.TODAY + DAY) == []
    actions.record_licence(
        scope="riverside",
        kind="permission",
        instrument="x-sleep",
        instrument_version=1,
        language="en",
        holder="A. Holder",
        granted_on=make.TODAY + DAY,
        actor=LENA,
        now=make.NOW,
    )
    assert offered(make.TODAY + DAY) == [1]


def test_one_that_nobody_imported_cannot_be_asked():
    with pytest.raises(KeyError):
        queries.to_ask("x-none", scope="riverside", on=make.TODAY)


# --- Guards

CHANGES = {"structure": {}, "wording": {}, "content_hash": "0", "version": 2, "key": "x-other", "scope": "hillside"}


@pytest.mark.parametrize("column", CHANGES)
def test_the_database_itself_refuses_a_change(column):
    """DI-4: a released version never changes."""
    row = make.instrument()
    with pytest.raises(IntegrityError, match="signed or witnessed"), transaction.atomic():
        ImportedInstrument.objects.filter(pk=row.pk).update(**{column: CHANGES[column]})
    with pytest.raises(IntegrityError, match="signed or witnessed"), transaction.atomic():
        row.delete()


def test_a_row_that_is_not_what_was_imported_is_not_asked():
    """The triggers can be dropped by whoever owns the table; the hash is still there."""
    row = make.instrument()
    spoiled = {**row.wording, "en": {**row.wording["en"], "heading": "Buy this"}}
    with pytest.raises(KnowledgeError, match="is not what was imported"):
        storing.restored(row.structure, spoiled, content_hash=row.content_hash, is_licensed=False)


@pytest.mark.only_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_import_one_version():
    outcomes = make.at_once(make.instrument, make.instrument)
    assert sorted(type(one).__name__ for one in outcomes)[0] == "ImportedInstrument"
    assert isinstance(next(one for one in outcomes if isinstance(one, Exception)), Stale | actions.NotNext)
    assert ImportedInstrument.objects.count() == 1
    assert connection.vendor == "postgresql"
