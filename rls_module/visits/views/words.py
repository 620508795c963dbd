"""What a note lacks, in words, with the control that mends it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from rls_module.visits import queries

_CHOICES = frozenset({"since_last", "reaction", "safety", "side"})


def lack_words(lack: queries.Lack) -> dict[str, str]:
    """Return the sentence for staff and the id of the control that it leads to."""
    return {"target": _target(lack), "text": _row_words(lack) if lack.block else _note_words(lack)}


def _target(lack: queries.Lack) -> str:
    place = f"id_{lack.block}-{lack.row - 1}-{lack.field}" if lack.block else f"id_{lack.field}"
    return f"{place}_0" if lack.field in _CHOICES else place


def _row_words(lack: queries.Lack) -> str:
    return {
        ("site", "side"): _("Muscle %(number)d: choose the side."),
        ("site", "needles_in"): _("Muscle %(number)d: enter how many needles went in."),
        ("point", "side"): _("Point %(number)d: choose the side."),
        ("site", "keep"): _("Muscle %(number)d is carried forward: keep it, change it or drop it."),
        ("point", "keep"): _("Point %(number)d is carried forward: keep it, change it or drop it."),
        ("exercise", "keep"): _("Exercise %(number)d is carried forward: keep it, change it or drop it."),
    }[lack.block, lack.field] % {"number": lack.row}


def _note_words(lack: queries.Lack) -> str:
    if lack.code == "mismatch":
        return _("Fewer needles came out than went in. Count again and look for the missing needle before you sign.")
    if lack.code == "above_in":
        return _("More needles came out than went in. Correct the count that is wrong.")
    return {
        "since_last": _("Say how it has been since last time."),
        "reaction": _("Ask about a reaction to the last treatment."),
        "reaction_note": _("Write which reaction it was."),
        "safety": _("Ask whether medicines, bleeding, infection or pregnancy changed."),
        "safety_note": _("Write what changed."),
        "response": _("Write how the patient responded."),
        "next_time": _("Write the plan for next time."),
        "timed_minutes": _("Enter the timed minutes."),
        "total_minutes": _("Enter the total minutes; they can't be fewer than the timed ones."),
        "no_treatment_because": _("Enter what was done, or why there was no treatment."),
        "consent": _("Needling needs the patient's consent, and none stands on this day. Record it first."),
        "patient_checked": _("Search the patient, the clothes and the couch for the missing needle, and say so."),
        "incident": _("A needle is missing: record it as an adverse event before you sign."),
        "needles_out": _("Count the needles as they come out and enter the number."),
    }[lack.field]
