"""A signed note as one paragraph of plain text, to copy into the clinic system: nobody charts twice."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import formats
from django.utils.translation import gettext as _

from rls_module.cases.models import Signature
from rls_module.visits import forms, queries
from rls_module.visits.models import Visit


def paragraph(visit: Visit, done: queries.Treatment, signature: Signature) -> str:
    """Return what the note says, without a line break and without the patient's name; what is empty is left out."""
    signed = _("Signed by %(who)s, %(when)s.") % {
        "who": signature.signer_name,
        "when": formats.date_format(signature.signed_at, "DATE_FORMAT"),
    }
    said = (*_today(visit), *_treatment(visit, done), *_outcome(visit), signed)
    return " ".join(" ".join(said).split())


def _today(visit: Visit) -> Iterator[str]:
    day = formats.date_format(visit.visit_date, "DATE_FORMAT")
    yield _("RLS visit of %(day)s.") % {"day": day}
    nights = "" if visit.nights is None else _("%(nights)s of 7 nights") % {"nights": visit.nights}
    yield _line(_("Since last time"), visit.get_since_last_display(), nights)
    yield _line(_("Reaction"), visit.get_reaction_display(), visit.reaction_note)
    yield _line(_("Safety"), visit.get_safety_display(), visit.safety_note)
    yield _line(_("Findings"), visit.findings)


def _treatment(visit: Visit, done: queries.Treatment) -> Iterator[str]:
    sites = (f"{forms.muscle_name(row.muscle)} {row.side} ×{row.needles_in}" for row in done.sites)
    yield _line(_("Dry needling"), *sites)
    if done.sites:
        counts = {"count_in": done.needles_in, "count_out": visit.needles_out}
        yield _("Needles in %(count_in)s, out %(count_out)s.") % counts
    yield _line(_("A needle was missing"), visit.discrepancy_note)
    points = (
        f"{row.point} {row.side} {_grade(row.palpation_before)}→{_grade(row.palpation_after)}" for row in done.points
    )
    yield _line(_("Fascial Manipulation®"), *points)
    yield _line(_("Exercise"), *(row.name for row in done.exercises))
    yield _line(_("No treatment because"), visit.no_treatment_because)


def _outcome(visit: Visit) -> Iterator[str]:
    yield _line(_("Response"), visit.response)
    minutes = {"timed": visit.timed_minutes, "total": visit.total_minutes}
    yield _("Minutes: %(timed)s timed, %(total)s in total.") % minutes
    yield _line(_("Plan for next time"), visit.next_time)


def _line(label: str, *parts: object) -> str:
    """Return a labelled sentence of what there is; nothing where there is nothing."""
    said = ", ".join(text for text in (str(part).strip() for part in parts) if text)
    if not said:
        return ""
    return f"{label}: {said}" if said.endswith((".", "!", "?")) else f"{label}: {said}."


def _grade(grade: int | None) -> str:
    return "–" if grade is None else str(grade)
