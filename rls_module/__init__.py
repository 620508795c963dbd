"""Care for restless legs syndrome, added to the clinic system a physical-therapy clinic already has.

Screen, baseline, visits and follow-up surveys that go out by themselves; rooms are named after the clinic's work
(`cases`, `intake`, `visits`, `followups`, `surveys`, `outcomes`) and stand on floors that only look down.
"""

from __future__ import annotations

__version__ = "0.1.0"
