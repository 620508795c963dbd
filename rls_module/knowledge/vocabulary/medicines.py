"""Finding a medicine by what patients say, and what staff are told beside it. Recorded here, never advised on."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from rls_module.knowledge.vocabulary.definition import Medicine
from rls_module.knowledge.vocabulary.loading import medicines

# Words for staff, language -> role or alert -> words. Never "stop".
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "may_worsen": "May worsen restless legs in some people: discuss with the prescriber",
        "driving": "Falls asleep suddenly: no driving while it lasts, and tell the prescriber",
        "lying_down": "Fainting: needle lying down, rise slowly",
        "same_day": "Contact the prescriber on the same day",
    },
    "es": {
        "may_worsen": "Puede empeorar las piernas inquietas en algunas personas: hable con quien lo receta",
        "driving": "Se duerme de repente: no manejar mientras dure, y avisar a quien lo receta",
        "lying_down": "Desmayo: punzar acostado, levantarse despacio",
        "same_day": "Contactar a quien lo receta el mismo día",
    },
}


def find(text: str) -> Medicine | None:
    """Return the medicine whose generic or brand name stands in `text`, the longest name first; None for no known one.

    Case and accents do not matter; doses and anything else around the name are passed over.
    """
    said = f" {_plain(text)} "
    return next((one for name, one in _names() if f" {name} " in said), None)


def by_key(key: str) -> Medicine | None:
    """Return the medicine with this key, if it is known."""
    return _by_key().get(key)


def words(code: str, language: str) -> str:
    """Return what staff are told about a role or an alert, in `language`, else in English."""
    return WORDS.get(language.partition("-")[0], WORDS["en"])[code]


@cache
def _names() -> tuple[tuple[str, Medicine], ...]:
    current = (one for one in medicines() if not one.retired)
    names = [(_plain(name), one) for one in current for name in (one.generic, one.key, *one.brands)]
    return tuple(sorted(names, key=lambda pair: -len(pair[0])))


@cache
def _by_key() -> dict[str, Medicine]:
    return {one.key: one for one in medicines()}


def _plain(text: str) -> str:
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in bare).split())
