"""The one form that no protocol plans: the intake, asked for by a therapist before the patient is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

INSTRUMENT = "rls_intake"
STEP = "intake.ahead"  # with a dot: no step of a protocol can be called that


@dataclass(frozen=True, slots=True)
class OnRequest:
    """A time of asking that hangs from no anchor; all in days after the one on which it was asked for."""

    step: str
    name: Mapping[str, str]  # language -> words for staff
    instruments: tuple[str, ...]
    on_time_days: int
    window_days: int
    reminder_days: tuple[int, ...]
    offset_days: int = 0
    call_after_days: int | None = None  # nobody is called about it: it can be taken in the room


# Source: project design. Two weeks are the usual wait for a first appointment; one reminder, and no call.
INTAKE = OnRequest(
    step=STEP,
    name=MappingProxyType({"en": "intake sent ahead", "es": "historia inicial enviada antes de la cita"}),
    instruments=(INSTRUMENT,),
    on_time_days=14,
    window_days=14,
    reminder_days=(3,),
)
