"""A mistake in a knowledge file is told in one line."""

from __future__ import annotations

from rls_module.knowledge.files import KnowledgeError, frozen


def test_error_reads_as_file_place_and_reason():
    assert str(KnowledgeError("a.toml", "items.x", "is missing")) == "a.toml: items.x: is missing"
    assert str(KnowledgeError("a.toml", "", "is empty")) == "a.toml: whole file: is empty"


def test_frozen_reaches_every_depth():
    assert frozen({"a": [1, {"b": [2]}]}) == {"a": (1, {"b": (2,)})}
