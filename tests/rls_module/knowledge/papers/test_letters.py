"""Letters as data: the same in every language, sourced, and with the thresholds that the flag has."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.papers import loading
from rls_module.knowledge.safety import iron
from tests import factories as make

TODAY = make.TODAY


def flag(ferritin: int | None, tsat: int | None) -> str:
    given = {"ferritin": ferritin, "tsat": tsat}
    values = {key: Decimal(value) for key, value in given.items() if value is not None}
    return iron.judge(values, age=58, collected_on=TODAY, today=TODAY).flag  # type: ignore[arg-type]


def test_every_language_has_the_same_letters_paragraph_by_paragraph():
    english = loading.letters("en")
    for language in loading.LANGUAGES:
        other = loading.letters(language)
        assert other.language == language
        assert other.standing.keys() == english.standing.keys() == {"met", "not_met", "open"}
        assert other.signs.keys() == english.signs.keys()
        assert other.letters.keys() == english.letters.keys()
        for key, letter in english.letters.items():
            assert len(other.letters[key].opening) == len(letter.opening)
            assert len(other.letters[key].closing) == len(letter.closing)
            assert other.letters[key].sources == letter.sources != ()


def test_the_letter_names_the_thresholds_that_the_flag_has():
    """Domain 3.4: one truth."""
    for language in loading.LANGUAGES:
        said = " ".join(loading.letter("iron", language).closing)
        assert all(limit in said for limit in ("75 ng/mL", "20 %", "100 ng/mL"))
    assert (flag(75, 30), flag(76, 30)) == ("BELOW_RLS_THRESHOLD", "BORDERLINE_IV_ONLY")
    assert (flag(100, 20), flag(101, 20), flag(300, 19)) == (
        "BORDERLINE_IV_ONLY",
        "ABOVE_THRESHOLD",
        "BELOW_RLS_THRESHOLD",
    )


@pytest.mark.parametrize(
    ("code", "language"), [("es-MX", "es"), ("ES", "es"), ("en-US", "en"), ("fr", "en"), ("", "en")]
)
def test_whoever_speaks_another_language_reads_english(code, language):
    assert loading.language_of(code) == language


def test_a_letter_with_a_source_that_is_none_is_refused(tmp_path):
    path = tmp_path / "letters.v2.en.toml"
    path.write_text((loading.DATA / "letters.v1.en.toml").read_text().replace('"aasm_2025"', '"hearsay"'))
    with pytest.raises(
        KnowledgeError, match=r"letters\.v2\.en\.toml: letters\.iron\.sources: 'hearsay' is not a source"
    ):
        loading.load_letters(path)
