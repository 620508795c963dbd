"""What a note comes to, in words: the arithmetic of its units, and what a biller should look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rls_module.knowledge.safety import billing
from rls_module.knowledge.safety.billing_review import Doubt, Review


def in_words(review: Review) -> dict[str, Any]:
    """Return what the fragment of the RLS part draws: a line a code, the sum in words, the doubts in words."""
    label = review.table.label
    return {
        "lines": [
            {
                "code": line.code,
                "label": label(line.code),
                "own": review.own.get(line.code, 0),
                "elsewhere": (review.elsewhere or {}).get(line.code, 0),
                "how": _how(line, review.units.rule),
                "units": line.units,
            }
            for line in review.units.lines
        ],
        "untimed": [{"code": code, "label": label(code)} for code in review.untimed],
        "knows_the_day": review.elsewhere is not None,
        "sums": list(_sums(review)),
        "doubts": [doubt_words(doubt) for doubt in review.doubts],
        "total": review.units.total,
        "muscles": review.muscles,
    }


def _how(line: billing.Line, rule: billing.Rule) -> str:
    """Return how a code came by its units."""
    said = _("%(minutes)d min = %(full)d × 15 + %(rest)d") % {
        "minutes": line.minutes,
        "full": line.full,
        "rest": line.rest,
    }
    if not line.extra:
        return said
    why = _("one more for the %(rest)d left") if rule == "CMS" else _("one more, as 8 or more are left")
    return f"{said}; {why % {'rest': line.rest}}"


def _sums(review: Review) -> Iterator[str]:
    units = review.units
    if units.lines and units.rule == "CMS":
        full = sum(line.full for line in units.lines)
        numbers = {"minutes": units.minutes, "units": units.total, "full": full, "left": units.total - full}
        yield _("All timed minutes together: (%(minutes)d + 7) ÷ 15, rounded down, is %(units)d.") % numbers
        if numbers["left"]:
            yield _("Full quarters give %(full)d; %(left)d more by the largest remainders.") % numbers
    elif units.lines:
        yield _("Each code by itself: (minutes + 7) ÷ 15, rounded down.")
    if units.lines and review.by_the_other_rule != units.total:
        other = {"units": review.by_the_other_rule}
        yield (
            _("Counted code by code, as other payers do, it would be %(units)d.") % other
            if units.rule == "CMS"
            else _("Counted together, by the CMS rule, it would be %(units)d.") % other
        )
    if review.tied:
        yield _("These codes tie for a unit: %(codes)s.") % {"codes": ", ".join(review.tied)}
    if review.muscles:
        yield ngettext(
            "%(count)d muscle was needled: one untimed unit a session, whatever the minutes.",
            "%(count)d muscles were needled: one untimed unit a session, whatever the minutes.",
            review.muscles,
        ) % {"count": review.muscles}


def doubt_words(doubt: Doubt) -> str:
    """Return the sentence of something that a biller should look at."""
    match doubt.code:
        case "uncoded" | "unwritten":
            return _counted(doubt.code, int(doubt.values["count"]))
        case code:
            return {
                "unknown": _("Not in the clinic's table of codes: %(codes)s."),
                "differ": _(
                    "The rows add up to %(rows)s timed minutes, the note says %(note)s. Timed minutes and what is "
                    "billed must agree."
                ),
                "over_total": _("The rows add up to %(rows)s minutes, more than the %(note)s in total."),
                "too_few": _("%(minutes)s timed minutes are too few for a unit: one begins with its 8th minute."),
                "sides": _("The needling code depends on whether both sides of a muscle count as two for this payer."),
            }[code] % doubt.values


def _counted(code: str, count: int) -> str:
    if code == "uncoded":
        words = ngettext("%(count)d row of treatment has no code.", "%(count)d rows of treatment have no code.", count)
    else:
        words = ngettext(
            "%(count)d row of treatment has no minutes.", "%(count)d rows of treatment have no minutes.", count
        )
    return words % {"count": count}
