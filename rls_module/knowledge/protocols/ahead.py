"""What goes by mail because a therapist asked for it, and no protocol planned it: the intake, and papers to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

INSTRUMENT = "rls_intake"
STEP = "intake.ahead"  # with a dot: no step of a protocol can be called that
PAPERS_STEP = "papers.mailed"
STEPS = (STEP, PAPERS_STEP)
PROGRAMME = "programme"  # the home programme, beside the leaflets


@dataclass(frozen=True, slots=True)
class OnRequest:
    """A mail that hangs from no anchor; all in days after the one on which it was asked for."""

    step: str
    name: Mapping[str, str]  # language -> words for staff
    instruments: tuple[str, ...]  # none: it asks nothing
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

# Source: project design. A month to read in; nobody is reminded of reading.
PAPERS = OnRequest(
    step=PAPERS_STEP,
    name=MappingProxyType({"en": "papers to read", "es": "hojas para leer"}),
    instruments=(),
    on_time_days=30,
    window_days=30,
    reminder_days=(),
)
