"""Iron values in any usual unit, and what they mean beside restless legs. Flags for the physician, never advice.

Iron status never changes whether the criteria are met: many people with restless legs have normal iron, and many with
low iron have no restless legs. Source of thresholds: AASM 2025 guideline (J Clin Sleep Med, doi 10.5664/jcsm.11390).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from rls_module.knowledge.files import Frozen

ALGORITHM = "1"

Analyte = Literal["ferritin", "iron", "tibc", "tsat", "haemoglobin", "crp"]
Flag = Literal["SPECIALIST_RULE", "UNKNOWN", "BELOW_RLS_THRESHOLD", "BORDERLINE_IV_ONLY", "PARTIAL", "ABOVE_THRESHOLD"]
Modifier = Literal["interpret_with_care", "stale", "physician_review"]
Doubt = Literal["tsat_differs", "out_of_range"]
SpecialistReason = Literal["esrd", "pregnant", "recent_infusion"]

ADULT = 18
RECENT_INFUSION_WEEKS = 8
CRP_LIMIT = Decimal(5)  # mg/L, where the laboratory names no limit of its own
STALE_MONTHS = 12
MOST_TSAT_DIFFERENCE = Decimal(2)

# Analyte -> UCUM unit -> what one of it is in the canonical unit, which stands first.
UNITS: Mapping[Analyte, Mapping[str, Decimal]] = {
    "ferritin": {"ng/mL": Decimal(1), "ug/L": Decimal(1), "pmol/L": 1 / Decimal("2.247")},
    "iron": {"ug/dL": Decimal(1), "umol/L": 1 / Decimal("0.1791")},
    "tibc": {"ug/dL": Decimal(1), "umol/L": 1 / Decimal("0.1791")},
    "tsat": {"%": Decimal(1)},
    "haemoglobin": {"g/dL": Decimal(1), "g/L": Decimal("0.1"), "mmol/L": 1 / Decimal("0.6206")},
    "crp": {"mg/L": Decimal(1), "mg/dL": Decimal(10)},
}
# Outside of these, in canonical units, a value is probably mistyped: warned about, never refused.
USUAL: Mapping[Analyte, tuple[int, int]] = {
    "ferritin": (1, 5000),
    "iron": (5, 500),
    "tibc": (100, 700),
    "tsat": (1, 100),
    "haemoglobin": (4, 22),
    "crp": (0, 500),
}

FLAG_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "SPECIALIST_RULE": "Specialist rule: not judged here, share with the physician",
        "UNKNOWN": "Iron not known",
        "BELOW_RLS_THRESHOLD": "Below the threshold used for restless legs: share with the physician",
        "BORDERLINE_IV_ONLY": "Borderline: share with the physician",
        "PARTIAL": "One value is missing, the other is fine",
        "ABOVE_THRESHOLD": "Above the threshold used for restless legs",
    },
    "es": {
        "SPECIALIST_RULE": "Regla de especialista: aquí no se valora; comente con su médico",
        "UNKNOWN": "Hierro desconocido",
        "BELOW_RLS_THRESHOLD": "Por debajo del umbral para piernas inquietas: comente con su médico",
        "BORDERLINE_IV_ONLY": "En el límite: comente con su médico",
        "PARTIAL": "Falta un valor; el otro está bien",
        "ABOVE_THRESHOLD": "Por encima del umbral para piernas inquietas",
    },
}
SHORT_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "SPECIALIST_RULE": "specialist rule",
        "UNKNOWN": "not known",
        "BELOW_RLS_THRESHOLD": "below threshold",
        "BORDERLINE_IV_ONLY": "borderline",
        "PARTIAL": "one value missing",
        "ABOVE_THRESHOLD": "above threshold",
    },
    "es": {
        "SPECIALIST_RULE": "regla de especialista",
        "UNKNOWN": "desconocido",
        "BELOW_RLS_THRESHOLD": "por debajo del umbral",
        "BORDERLINE_IV_ONLY": "en el límite",
        "PARTIAL": "falta un valor",
        "ABOVE_THRESHOLD": "por encima del umbral",
    },
}
MODIFIER_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "interpret_with_care": "inflammation: interpret with care",
        "stale": "older than 12 months",
        "physician_review": "saturation above 45 %: physician review",
    },
    "es": {
        "interpret_with_care": "inflamación: interpretar con cautela",
        "stale": "de hace más de 12 meses",
        "physician_review": "saturación mayor de 45 %: revisión médica",
    },
}


class IronResult(Frozen):
    """The flag of one panel with what modifies it; `doubts` are for whoever typed the values."""

    flag: Flag
    modifiers: tuple[Modifier, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    algorithm: str = ALGORITHM


def canonical(analyte: Analyte, value: Decimal, unit: str) -> Decimal:
    """Return `value` in the analyte's canonical unit, unrounded; raises KeyError for a unit it is not measured in.

    Source of the factors: domain reference 3.3 (molar mass of iron 55.845).
    """
    return value * UNITS[analyte][unit]


def computed_tsat(*, iron: Decimal | None, tibc: Decimal | None) -> Decimal | None:
    """Return the saturation in % from iron and binding capacity in the same unit, or None where one is missing."""
    if iron is None or not tibc:
        return None
    return 100 * iron / tibc


def judge(
    values: Mapping[Analyte, Decimal],
    *,
    age: int | None,
    collected_on: date,
    today: date,
    specialist: SpecialistReason | None = None,
    crp_limit: Decimal | None = None,
) -> IronResult:
    """Return the flag of a panel in canonical units; `age` in years on the day of collection, None counts as adult.

    The laboratory's own saturation counts; it is computed only where none was entered. Values are compared unrounded.
    Source: domain reference 3.4.
    """
    entered, computed = values.get("tsat"), computed_tsat(iron=values.get("iron"), tibc=values.get("tibc"))
    tsat = computed if entered is None else entered
    return IronResult(
        flag=_flag(values.get("ferritin"), tsat, is_child=age is not None and age < ADULT, specialist=specialist),
        modifiers=tuple(_modifiers(values.get("crp"), tsat, collected_on, today=today, crp_limit=crp_limit)),
        doubts=doubts(values),
    )


def doubts(values: Mapping[Analyte, Decimal]) -> tuple[Doubt, ...]:
    """Return what about values in canonical units is possible and not likely: whoever typed them must look again."""
    entered, computed = values.get("tsat"), computed_tsat(iron=values.get("iron"), tibc=values.get("tibc"))
    found: list[Doubt] = []
    if entered is not None and computed is not None and abs(entered - computed) > MOST_TSAT_DIFFERENCE:
        found.append("tsat_differs")
    if unusual(values):
        found.append("out_of_range")
    return tuple(found)


def unusual(values: Mapping[Analyte, Decimal]) -> tuple[Analyte, ...]:
    """Return the analytes whose value, in the canonical unit, is outside of what is usual."""
    return tuple(key for key, value in values.items() if not USUAL[key][0] <= value <= USUAL[key][1])


def is_stale(collected_on: date, today: date) -> bool:
    """True when a panel was taken more than twelve months before `today`."""
    months = (today.year - collected_on.year) * 12 + today.month - collected_on.month
    return months > STALE_MONTHS or (months == STALE_MONTHS and today.day > collected_on.day)


def words(table: Mapping[str, Mapping[str, str]], key: str, language: str) -> str:
    """Return the words of a flag or a modifier in `language`, else in English."""
    return table.get(language.partition("-")[0], table["en"])[key]


def _flag(
    ferritin: Decimal | None, tsat: Decimal | None, *, is_child: bool, specialist: SpecialistReason | None
) -> Flag:
    if specialist:
        return "SPECIALIST_RULE"
    if ferritin is None and tsat is None:
        return "UNKNOWN"
    is_ferritin_low = ferritin is not None and (ferritin < 50 if is_child else ferritin <= 75)  # noqa: PLR2004  source
    if is_ferritin_low or (tsat is not None and tsat < 20):  # noqa: PLR2004
        return "BELOW_RLS_THRESHOLD"
    if not is_child and ferritin is not None and ferritin <= 100:  # noqa: PLR2004
        return "BORDERLINE_IV_ONLY"
    return "PARTIAL" if ferritin is None or tsat is None else "ABOVE_THRESHOLD"


def _modifiers(
    crp: Decimal | None, tsat: Decimal | None, collected_on: date, *, today: date, crp_limit: Decimal | None
) -> list[Modifier]:
    found: list[Modifier] = []
    if crp is not None and crp > (CRP_LIMIT if crp_limit is None else crp_limit):
        found.append("interpret_with_care")
    if is_stale(collected_on, today):
        found.append("stale")
    if tsat is not None and tsat > 45:  # noqa: PLR2004  source
        found.append("physician_review")
    return found
