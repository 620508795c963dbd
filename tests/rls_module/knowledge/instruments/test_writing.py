"""The same file out as in."""

from __future__ import annotations

import tomllib

import pytest

from rls_module.knowledge.files import frozen
from rls_module.knowledge.instruments import loading, writing
from tests.rls_module.knowledge.instruments.samples import question, questionnaire, read, sleep


@pytest.mark.parametrize(
    "content", [sleep(), sleep(2, Well='“Well” \\\\ \\"so\\"\\n\\tyes'), questionnaire(question())]
)
def test_an_instrument_written_and_read_again_is_the_same(content):
    instrument = read(content).instrument
    assert read(writing.to_toml(instrument).encode()).instrument == instrument


@pytest.mark.parametrize("key", loading.shipped_keys())
def test_what_is_shipped_comes_out_whole(key):
    ours = loading.shipped(key)
    table = frozen(tomllib.loads(writing.to_toml(ours)))
    words = table.pop("wording")
    named = {"instrument": ours.key, "version": ours.version}
    wordings = {code: {**named, "language": code, **one} for code, one in words.items()}
    assert loading.from_tables(table, wordings, file="out.toml") == ours
