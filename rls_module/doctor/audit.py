"""The audit: whether what was witnessed is being sealed."""

from __future__ import annotations

from collections.abc import Iterator

from rls_module.audit import verifying
from rls_module.doctor.finding import Finding, judged
from rls_module.host.clock import database_now


def look(scope: str) -> Iterator[Finding]:
    """Yield whether one scope's chain keeps up; `rls_audit verify` says whether it is whole, and takes longer."""
    waits = verifying.waiting(scope, now=database_now())
    yield judged(
        "audit.sealed",
        good=not waits,
        message=f"{scope}: audit events wait for their seal" if waits else f"{scope}: the audit is sealed",
        hint="The engine's next turn seals them: rls_followups run --once.",
        level="warning",
    )
