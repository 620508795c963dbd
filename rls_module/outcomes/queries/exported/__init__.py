"""What an export holds: records as they stand, or the clinic's registry with nobody named in it; and the jobs."""

from __future__ import annotations

from rls_module.outcomes.queries.exported.charts import charts_of, for_research, is_in
from rls_module.outcomes.queries.exported.contents import (
    CODEBOOK,
    MANIFEST,
    README,
    Contents,
    de_identified,
    identified,
)
from rls_module.outcomes.queries.exported.jobs import (
    next_due,
    open_count,
    over,
    own,
    own_one,
    parts,
    reason_words,
)
from rls_module.outcomes.queries.exported.tables import LEFT_OUT, TABLES, Table

__all__ = [
    "CODEBOOK",
    "LEFT_OUT",
    "MANIFEST",
    "README",
    "TABLES",
    "Contents",
    "Table",
    "charts_of",
    "de_identified",
    "for_research",
    "identified",
    "is_in",
    "next_due",
    "open_count",
    "over",
    "own",
    "own_one",
    "parts",
    "reason_words",
]
