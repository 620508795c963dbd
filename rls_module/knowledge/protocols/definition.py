"""The shape of a protocol: which instruments are asked how long after which anchor. Reads no file, knows no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rls_module.knowledge.files import INSTRUMENT_KEY_PATTERN, KEY_PATTERN, Frozen, repeated

Key = Annotated[str, Field(pattern=KEY_PATTERN)]
InstrumentKey = Annotated[str, Field(pattern=INSTRUMENT_KEY_PATTERN)]
Days = Annotated[int, Field(ge=0, le=3660)]
Names = Mapping[str, Annotated[str, Field(min_length=1)]]


class TouchpointDefinition(Frozen):
    """One time of asking, in days: `offset_days` after the anchor, everything else after the day it is due."""

    step: Key  # stable across versions
    name: Names  # language -> words
    anchor: Literal["first_visit"]
    offset_days: Days
    on_time_days: Days  # the last day on which an answer is on time
    window_days: Days  # the last day on which an answer is taken
    instruments: tuple[InstrumentKey, ...] = Field(min_length=1)
    reminder_days: tuple[Days, ...] = ()
    call_after_days: Days | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.on_time_days > self.window_days:
            raise ValueError("on_time_days is after window_days")
        if list(self.reminder_days) != sorted(set(self.reminder_days)) or 0 in self.reminder_days:
            raise ValueError("reminder_days do not rise from day 1 on")
        if max((*self.reminder_days, self.call_after_days or 0)) > self.window_days:
            raise ValueError("a reminder or the call comes after window_days")
        return self


class ProtocolDefinition(Frozen):
    """A protocol: its touchpoints in the order they are due, and the wall time at which mails go."""

    key: Key
    version: int = Field(ge=1)
    name: Names
    send_time: time
    source: str = Field(min_length=1)
    touchpoints: tuple[TouchpointDefinition, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if step := repeated(touchpoint.step for touchpoint in self.touchpoints):
            raise ValueError(f"{step!r} is the step of two touchpoints")
        offsets = [touchpoint.offset_days for touchpoint in self.touchpoints]
        if offsets != sorted(offsets):
            raise ValueError("touchpoints do not stand in the order they are due")
        if "en" not in self.name:
            raise ValueError("name has no English words")
        for touchpoint in self.touchpoints:
            if touchpoint.name.keys() != self.name.keys():
                raise ValueError(f"touchpoint {touchpoint.step!r} is named in other languages than the protocol")
        return self
