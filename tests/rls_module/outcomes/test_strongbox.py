"""What lies in the database opens with its own key, as its own part of its own export, or not at all."""

from __future__ import annotations

import subprocess
import sys
from uuid import UUID

import pytest

from rls_module.outcomes import strongbox

HERE = {"key_id": "new", "scope": "riverside", "uuid": UUID(int=1), "number": 0}
SECRET = b"every word of somebody's record"
RING = {"new": "n" * 40, "old": "o" * 40}


@pytest.fixture(autouse=True)
def _ring(settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_KEYS": RING}


def test_what_was_locked_is_read_again_and_lies_there_in_no_word():
    """PV-8: encrypted at rest."""
    locked = strongbox.lock(SECRET, **HERE)
    assert strongbox.unlock(locked, **HERE) == SECRET
    assert b"word" not in locked


def test_the_same_words_are_never_locked_alike():
    assert strongbox.lock(SECRET, **HERE) != strongbox.lock(SECRET, **HERE)


@pytest.mark.parametrize(
    "other",
    [{"scope": "hillside"}, {"uuid": UUID(int=2)}, {"number": 1}, {"key_id": "old"}, {"key_id": "gone"}],
    ids=lambda one: next(iter(one)),
)
def test_it_opens_in_no_other_place(other):
    """PV-8: bytes moved to another export, part or clinic, or to another key, are no file."""
    locked = strongbox.lock(SECRET, **HERE)
    with pytest.raises(strongbox.Unreadable):
        strongbox.unlock(locked, **HERE | other)


@pytest.mark.parametrize(
    "change", [lambda one: one[:-1], lambda one: b"", lambda one: one[:12], lambda one: b"x" + one]
)
def test_what_was_tampered_with_does_not_open(change):
    with pytest.raises(strongbox.Unreadable):
        strongbox.unlock(change(strongbox.lock(SECRET, **HERE)), **HERE)


def test_an_older_key_opens_what_it_locked_while_it_is_in_the_ring(settings):
    locked = strongbox.lock(SECRET, **HERE | {"key_id": "old"})
    assert strongbox.newest_key() == "new"
    assert strongbox.unlock(locked, **HERE | {"key_id": "old"}) == SECRET
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_KEYS": {"new": RING["new"]}}
    with pytest.raises(strongbox.Unreadable):
        strongbox.unlock(locked, **HERE | {"key_id": "old"})


def test_without_the_package_the_module_loads_and_locks_nothing():
    """A host that has no `cryptography`: no export, and never one in clear."""
    program = "import sys; sys.modules['cryptography'] = None; from rls_module.outcomes import strongbox; "
    program += "assert not strongbox.is_installed"
    subprocess.run([sys.executable, "-c", program], check=True)
