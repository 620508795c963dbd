"""Red flags that wait for an answer, referrals with what came of them, and what a prescriber should hear of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from rls_module.cases.models import Case, Chart, Task
from rls_module.intake.models import AugmentationScreen, Medication, Referral, ReferralOutcome
from rls_module.intake.queries.medicines import medicines
from rls_module.knowledge.vocabulary import loading
from rls_module.knowledge.vocabulary import medicines as vocabulary

WORSE = "worse_legs"  # the side effect that can be augmentation


@dataclass(frozen=True, slots=True)
class Concern:
    """A medicine that is taken now, and why its prescriber should hear of it."""

    medicine: Medication
    may_worsen: bool
    side_effects: tuple[str, ...]  # in words


@dataclass(frozen=True, slots=True)
class Discussion:
    """What is for discussion with a prescriber: medicines, signs of augmentation by their keys, and a screen for it."""

    concerns: Sequence[Concern]
    signs: Sequence[str]
    screen: AugmentationScreen | None

    def __bool__(self) -> bool:
        return bool(self.concerns or self.signs or self.screen)


def open_red_flags(chart: Chart) -> QuerySet[Task]:
    """Return the red flags of a chart that nobody has answered yet: neither by a referral nor by a reason."""
    rows = Task.objects.filter(chart=chart, kind=Task.Kind.RED_FLAG)
    return rows.exclude(state=Task.State.DONE).order_by("due_at", "pk")


def waiting(chart: Chart, language: str) -> list[tuple[Task, str]]:
    """Return the open red flags of a chart, each with its words."""
    return [
        (task, ", ".join(red_flag_words([task.params.get("flag", "")], language))) for task in open_red_flags(chart)
    ]


def red_flag_words(keys: Iterable[str], language: str) -> list[str]:
    """Return red flags in words, the most pressing first."""
    wanted = set(keys)
    return [one.spanish if language == "es" else one.english for one in loading.red_flags() if one.key in wanted]


def referrals(case: Case) -> QuerySet[Referral]:
    """Return the case's referrals with what came of them, newest first."""
    return Referral.objects.filter(case=case).prefetch_related("outcomes").order_by("-referred_on", "-pk")


def outcomes(referral: Referral) -> list[ReferralOutcome]:
    """Return what came of a referral, the newest first: that one counts."""
    return sorted(referral.outcomes.all(), key=lambda row: row.pk, reverse=True)


def is_in_error(referral: Referral) -> bool:
    """True where the newest word on a referral is that it should not be there."""
    newest = next(iter(outcomes(referral)), None)
    return newest is not None and newest.kind == ReferralOutcome.Kind.IN_ERROR


def for_the_prescriber(chart: Chart, language: str) -> Discussion:
    """Return what a prescriber should hear of, as it stands now; empty (and false) where there is nothing."""
    taken = (row for row in medicines(chart) if row.stopped_on is None)
    concerns = [one for one in (_concern(row, language) for row in taken) if one.may_worsen or one.side_effects]
    return Discussion(concerns, _augmentation_signs(chart), _augmentation_screen(chart))


def _concern(row: Medication, language: str) -> Concern:
    known = vocabulary.by_key(row.code)
    told = (one for one in loading.side_effects() if one.key in row.side_effects and (one.alert or one.key == WORSE))
    return Concern(
        medicine=row,
        may_worsen=known is not None and known.role == "may_worsen",
        side_effects=tuple(one.spanish if language == "es" else one.english for one in told),
    )


def _augmentation_signs(chart: Chart) -> list[str]:
    """Return the signs of the newest check-in that showed some and that nobody has dealt with."""
    tasks = Task.objects.filter(chart=chart, rule="augmentation_watch").exclude(state=Task.State.DONE)
    newest = tasks.order_by("-created_at", "-pk").first()
    return list(newest.params.get("list", ())) if newest else []


def _augmentation_screen(chart: Chart) -> AugmentationScreen | None:
    """Return the newest screen where it leaves a question to the prescriber; a later one without ends that."""
    newest = AugmentationScreen.objects.filter(chart=chart).order_by("-created_at", "-pk").first()
    return newest if newest is not None and newest.result in ("pattern", "possible") else None
