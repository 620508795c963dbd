"""The plan and the home programme: written after the evaluation, signed, revised, held or ended as the story goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from clinic.demo.stories.body import DOSES, FOCUS
from clinic.demo.stories.hands import side_of
from clinic.demo.stories.telling import AFTER_THE_LAST, RHYTHM, Event, Tale
from rls_module.cases import actions as case_actions
from rls_module.plans import actions as plan_actions

DIAGNOSIS = "G25.81 Restless legs syndrome; M79.18 myalgia, other site"
WRITTEN_AT = time(17, 30)
REVIEW_DAY, GOAL_DAY = 42, 84
GAINS = {"nights": 3, "activity": 4}
TAUGHT_ON = (0, 0, 2, 4)  # the visit, from 0, at which each exercise of the home programme is shown
AT_FIRST = "Two visits a week for the first two weeks, then one."
TEACH = "How to do the home programme, and how to go on after a missed week."
TOPICS = ["what_it_is", "bad_night", "caffeine_alcohol", "training_time", "long_sitting"]
DONE_WHEN = "Goals reached or no further gain at two reviews in a row; home programme done without help."
NOTES = {
    "needling": "The bands first, two to four muscles a visit.",
    "fascial": "Four to seven points a visit, re-test movement after each.",
    "exercise": "Short in the visit, most of it at home.",
}
LATER_NOTES = {
    "needling": "Only where bands are left.",
    "fascial": "Fewer points, the ones that come back.",
    "exercise": "Harder at home, a look at the form in the visit.",
}
LEADS = {
    "combined": ("needling", "fascial", "exercise"),
    "needling": ("needling", "exercise"),
    "fascial": ("fascial", "needling", "exercise"),
    "exercise": ("exercise", "fascial"),
    "hands": ("fascial", "exercise"),
}
NO_PRECAUTIONS = "None that changes the treatment; asked again at every visit."


def events(tale: Tale) -> Iterator[Event]:
    """Yield what became of the plan, and the exercises for home; nothing that is still to come."""
    planned = tale.told.planned
    if planned is None or tale.told.intake != "done":
        return
    found: list[Event] = [(tale.at(tale.evaluated_on, WRITTEN_AT), partial(_write, tale)), *_programme(tale)]
    if planned.held is not None:
        day, reason = planned.held
        found.append((_evening(tale, day), partial(_move, tale, "on_hold", reason)))
    if planned.revised is not None:
        day, review_day = planned.revised
        found.append((_evening(tale, day), partial(_revise, tale, review_day)))
    if planned.ended is not None:
        day, status, reason = planned.ended
        found.append((_evening(tale, day), partial(_end, tale, status, reason)))
    if planned.has_new_draft:
        found.append((tale.at(tale.last_workday(), WRITTEN_AT), partial(_draft_again, tale, GOAL_DAY)))
    yield from ((at, act) for at, act in found if at < tale.now)


def _evening(tale: Tale, day: int) -> datetime:
    return tale.at(tale.workday(tale.day(day)), AFTER_THE_LAST) + timedelta(minutes=25)


# The plan


def _write(tale: Tale, now: datetime) -> None:
    planned = tale.told.planned
    plan = plan_actions.open_draft(case=tale.case, actor=tale.actor, now=now)
    main, *others = (_intervention(tale, modality) for modality in LEADS[tale.told.led])
    visits = tale.told.visits or 8
    values = {
        "diagnosis": DIAGNOSIS,
        "times_per_week": 1,
        "weeks": RHYTHM[visits - 1] // 7 + 1,
        "planned_sessions": visits,
        "review_on": tale.day(REVIEW_DAY),
        "is_precautions_reviewed": planned is not None and not planned.is_draft,
        "precautions": (planned.precautions if planned else "") or NO_PRECAUTIONS,
        "topics": TOPICS,
        "education": TEACH,
        "discharge_criteria": DONE_WHEN,
    }
    plan = plan_actions.save_draft(
        plan=plan,
        seen=plan.version,
        values=values,
        goals=list(_goals(tale)),
        interventions=[{**main, "note": f"{AT_FIRST} {main['note']}"}, *others],
        actor=tale.actor,
        now=now,
    )
    if planned is not None and not planned.is_draft:
        _sign(tale, plan, now + timedelta(minutes=6))


def _sign(tale: Tale, plan: Any, now: datetime) -> None:
    plan_actions.sign(plan=plan, seen=plan.version, actor=tale.actor, now=now, on=tale.date_of(now))


def _goals(tale: Tale) -> Iterator[dict[str, Any]]:
    """Yield a goal for each activity the patient named, and one for the nights."""
    baseline, by = tale.going.sitting("baseline"), tale.day(GOAL_DAY)
    for activity, score in zip(tale.case.activities.order_by("position"), baseline.activities, strict=True):
        target = min(10, score + GAINS["activity"])
        yield {
            "activity": activity,
            "text": activity.text,
            "baseline": f"{score} of 10",
            "target": f"{target} of 10",
            "by_on": by,
        }
    yield {
        "measure": "rls_checkin:nights",
        "text": "Nights with restless legs in a week",
        "baseline": f"{baseline.nights} of 7",
        "target": f"{max(1, baseline.nights - GAINS['nights'])} or fewer",
        "by_on": by,
    }


def _intervention(tale: Tale, modality: str) -> dict[str, Any]:
    focus = FOCUS[tale.told.focus]
    places: dict[str, tuple[str, tuple[Any, ...]]] = {
        "needling": ("muscle", focus.muscles),
        "fascial": ("point", focus.points),
        "exercise": ("region", focus.regions),
    }
    kind, targets = places.get(modality, ("", ()))
    return {
        "modality": modality,
        "targets": [{"kind": kind, "key": key, "side": side} for key, side, *_ in targets],
        "note": "Superficial only." if modality == "needling" and tale.told.superficial else NOTES[modality],
    }


def _running(tale: Tale) -> Any:
    return tale.case.plans.get(running_key=tale.case.pk)


def _move(tale: Tale, status: str, reason: str, _now: datetime) -> None:
    plan = _running(tale)
    plan_actions.change_status(plan=plan, seen=plan.version, to=status, reason=reason, actor=tale.actor)


def _end(tale: Tale, status: str, reason: str, now: datetime) -> None:
    """End the plan; what was agreed to be asked later is asked all the same."""
    plan = _running(tale)
    _move(tale, status, reason, now)
    if status == "completed":
        case_actions.reach(
            case=tale.case, kind="discharge", on=tale.date_of(now), ref=f"plan:{plan.uuid}", actor=tale.actor, now=now
        )


def _revise(tale: Tale, review_day: int, now: datetime) -> None:
    _sign(tale, _draft_again(tale, review_day, now), now + timedelta(minutes=5))


def _draft_again(tale: Tale, review_day: int, now: datetime) -> Any:
    """Begin the next plan from the one that runs: fewer visits, a later review."""
    plan = plan_actions.open_draft(case=tale.case, actor=tale.actor, now=now)
    review_on = tale.workday(tale.day(review_day))
    names = ("activity", "measure", "text", "baseline", "target")
    return plan_actions.save_draft(
        plan=plan,
        seen=plan.version,
        values={
            "times_per_week": 1,
            "weeks": 6,
            "planned_sessions": (plan.planned_sessions or 0) + 3,
            "review_on": review_on,
            "is_precautions_reviewed": True,
        },
        goals=[
            {name: getattr(goal, name) for name in names} | {"by_on": review_on}
            for goal in plan.goals.order_by("position")
        ],
        interventions=[
            {"modality": one.modality, "targets": one.targets, "note": LATER_NOTES[one.modality]}
            for one in plan.interventions.order_by("position")
        ],
        actor=tale.actor,
        now=now,
    )


# The home programme


def _programme(tale: Tale) -> Iterator[Event]:
    keys = FOCUS[tale.told.focus].exercises[: tale.rng.randint(2, 4)]
    for key, visit in zip(keys, TAUGHT_ON, strict=False):
        if visit < len(tale.days):
            yield tale.at(tale.days[visit], AFTER_THE_LAST), partial(_prescribe, tale, key)


def _prescribe(tale: Tale, key: str, now: datetime) -> None:
    exercise = tale.library[key]
    values = {
        "exercise": exercise,
        "name": exercise.name["en"],
        "side": side_of(exercise, FOCUS[tale.told.focus]),
        "cues": next(tale.cues),
        "times_per_day": 1,
        "days_per_week": tale.going.home_days,
        "is_taught_back": True,
        **DOSES[key],
    }
    plan_actions.prescribe(case=tale.case, values=values, on=tale.date_of(now), actor=tale.actor, now=now)
