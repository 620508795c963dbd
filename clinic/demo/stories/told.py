"""What is told of one patient: who, which visits, answers and tasks, and when. The tellings stand beside it.

Days are counted back from the day the demo is built, so that the newcomer meets everybody in the same stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FITS: Mapping[str, Any] = {"s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening"}
SAYS_NO: Mapping[str, Any] = {"s1_urge": "no"}
NEVER_OTHERWISE: Mapping[str, Any] = {
    **FITS,
    "s3_move": "same",
    "s3_past": "no",
    "s4_clock": "same",
    "s4_past": "no",
    "s5_nights": 7,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A check-in sent in `ago` days ago, in the evening; `says` changes single answers of the course."""

    step: str
    ago: int
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    """Tasks of these rules, as they are open `ago` days ago, are closed with what came of them."""

    ago: int
    rules: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Told:
    """One patient's story. `first` is the day of the first treatment, None where there was none yet.

    `screened` counts for those without a treatment only. `bare` are visits (from 1) without needles, `said` what the
    therapist wrote at a visit instead of the usual. `is_exact` keeps the first day even on a weekend.
    """

    place: str
    name: str
    first: int | None = None
    is_exact: bool = False
    visits: int = 0
    bare: tuple[int, ...] = ()
    focus: str = "calves"
    superficial: bool = False
    said: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    opening: str = ""
    known: bool = False
    screened: int = 0
    screen: Mapping[str, Any] = field(default_factory=lambda: FITS)
    declined_because: str = ""
    answers: tuple[Answer, ...] = ()
    closings: tuple[Closing, ...] = ()
    calf_form: int | None = None
    mail_off: int | None = None
    snoozed: int | None = None
    has_draft: bool = False
    slot_today: int | None = None
