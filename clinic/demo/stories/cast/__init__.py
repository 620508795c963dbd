"""The cast: everybody whose story is told, by what becomes of them."""

from __future__ import annotations

from clinic.demo.stories.cast.found import INCIDENTAL, IRON_LOW, MIMICS
from clinic.demo.stories.cast.improving import IMPROVING, RESOLVED
from clinic.demo.stories.cast.silent import SILENT
from clinic.demo.stories.cast.steady import NO_CHANGE, PLATEAU
from clinic.demo.stories.cast.worse import AUGMENTATION, WORSENING

CAST = (
    *IMPROVING,
    *PLATEAU,
    *RESOLVED,
    *NO_CHANGE,
    *WORSENING,
    *AUGMENTATION,
    *SILENT,
    *INCIDENTAL,
    *IRON_LOW,
    *MIMICS,
)
