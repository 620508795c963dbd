"""What is told of one patient: who, which visits, answers and tasks, and when. The tellings stand in `cast`.

Days of the therapist's and the patient's own acts are counted back from the day the demo is built (`ago`), so that the
newcomer meets everybody in the same stage. What belongs to the treatment is counted from its first day (`day`, 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FITS: Mapping[str, Any] = {"s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening"}
ALL_YES: Mapping[str, str] = dict.fromkeys(("e1", "e2", "e3", "e4"), "yes")
YEARS = 365
Region = tuple[str, str, str, int | None, str]  # of a finding: region, side, kind, grade, note


@dataclass(frozen=True, slots=True)
class Answer:
    """A check-in sent in `ago` days ago, in the evening; `says` changes single answers of the course.

    `on_two_devices`: begun the evening before on one device and gone on with on another.
    """

    step: str
    ago: int
    says: Mapping[str, Any] = field(default_factory=dict)
    on_two_devices: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """Tasks of these rules, as they are open `ago` days ago, are closed with what came of them."""

    ago: int
    rules: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral written `ago` days ago; `came` is (ago, how we know, in words), None while nobody knows."""

    ago: int
    to_kind: str
    to_name: str = ""
    urgency: str = "days"
    red_flags: tuple[str, ...] = ()
    reason: str = ""
    came: tuple[int, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Iron values as on a report: `values` in the unit that stands in `units`, else in the usual American one.

    Taken on `day` of the treatment; a later one than the evaluation is entered when the report has come.
    """

    day: int
    values: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    source: str = "document"
    specialist: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine or iron: `since`, `changed` and `until` are days of the treatment, negative before it.

    `why` belongs to the change or the end, whichever there is.
    """

    name: str
    dose: str = ""
    times: str = ""
    for_legs: bool = False
    since: int | None = None
    changed: int | None = None
    until: int | None = None
    why: str = ""
    prescriber: str = ""
    helps: int | None = None
    side_effects: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the therapist says of the criteria; by default all of them met, with the look-alikes excluded."""

    criteria: Mapping[str, str] = field(default_factory=lambda: ALL_YES)
    past: Mapping[str, str] = field(default_factory=dict)
    past_reasons: tuple[str, ...] = ()
    e5: str = "yes"
    present: tuple[str, ...] = ()
    mimic: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What the hands and the hammer found beside the findings of the focus."""

    nerve_vessel_note: str = ""  # empty = all normal
    red_flags: tuple[str, ...] = ()
    red_flags_note: str = ""
    note: str = ""
    found: tuple[Region, ...] = ()
    is_none_found: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """How the plan went: `held` is (day, reason), `revised` (day, day of next review), `ended` (day, status, reason).

    All of them are days of the treatment. A new draft was begun on the last working day and is not signed.
    """

    is_draft: bool = False
    precautions: str = ""
    held: tuple[int, str] | None = None
    ended: tuple[int, str, str] | None = None
    revised: tuple[int, int] | None = None
    has_new_draft: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One patient's story. `first` is the day of the first treatment, None where there was none yet.

    `screened` counts for those without a treatment only. `led` says what the treatment rests on; `bare` are visits
    (from 1) without needles where there could be some, `handless` those without fascial work. `said` is what the
    therapist wrote at a visit instead of the usual. `is_exact` keeps the first day even on a weekend.
    """

    place: str
    name: str
    first: int | None = None
    is_exact: bool = False
    visits: int = 0
    led: str = "combined"
    bare: tuple[int, ...] = ()
    handless: tuple[int, ...] = ()
    focus: str = "calves"
    superficial: bool = False
    miscounted: int | None = None
    consent_days: int | None = None
    said: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    opening: str = ""
    named: tuple[str, ...] = ()  # what the legs make hard, where it is not what the course has
    known: bool = False
    screened: int = 0
    screen: Mapping[str, Any] = field(default_factory=lambda: FITS)
    intake: str = "done"  # done, begun or none
    says: Mapping[str, Any] = field(default_factory=dict)
    judged: Judged | None = field(default_factory=Judged)
    panels: tuple[Panel, ...] = ()
    medicines: tuple[Taken, ...] = ()
    examined: Examined | None = field(default_factory=Examined)
    planned: Planned | None = field(default_factory=Planned)
    answers: tuple[Answer, ...] = ()
    closings: tuple[Closing, ...] = ()
    referrals: tuple[Referred, ...] = ()
    calf_form: int | None = None
    mail_off: int | None = None
    snoozed: int | None = None
    has_draft: bool = False
    slot_today: int | None = None
