"""The evaluation: screen, intake, medicines, iron, criteria, examination; then later iron values and medicines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from clinic.demo.stories import intakes
from clinic.demo.stories.body import FOCUS
from clinic.demo.stories.telling import Event, Tale, before_weekend
from clinic.demo.stories.told import Judged, Panel, Region, Taken
from rls_module.assessment import actions as assessment_actions
from rls_module.cases import actions as case_actions
from rls_module.intake import actions as intake_actions
from rls_module.knowledge.safety import course, criteria, iron
from rls_module.knowledge.vocabulary import loading

# Minutes from the beginning of the appointment.
SCREEN_AT, INTAKE_AT, MEDICINES_AT, PANELS_AT, CRITERIA_AT, EXAMINED_AT = (
    timedelta(minutes=minutes) for minutes in (3, 16, 19, 22, 26, 38)
)
REPORT_AT = time(12, 40)  # a laboratory's report is typed in at noon
HEARD_AT = time(12, 50)
POST_TAKES = 2  # days until a report is there


def events(tale: Tale) -> Iterator[Event]:
    """Yield the evaluation and what was heard of iron and medicines later; nothing that is still to come."""
    at = tale.booked(tale.evaluated_on).starts_at
    told = tale.told
    yield at + SCREEN_AT, partial(_screen, tale)
    if told.intake != "none":
        yield at + INTAKE_AT, partial(intakes.take, tale)
    if told.intake == "done":
        yield at + MEDICINES_AT, partial(_record_medicines, tale)
        yield at + PANELS_AT, partial(_record_early_panels, tale)
        if told.judged is not None:
            yield at + CRITERIA_AT, partial(_judge, tale, told.judged)
        if told.examined is not None:
            yield at + EXAMINED_AT, partial(_examine, tale)
    later = [*_later_panels(tale), *_medicine_changes(tale)]
    yield from ((at, act) for at, act in later if at < tale.now)


# The screen


def _screen(tale: Tale, now: datetime) -> None:
    told, actor = tale.told, tale.actor
    tale.chart = case_actions.open_chart(patient=tale.patient, actor=actor, now=now)
    tale.case = intake_actions.decide(
        screen=_screened(tale, now),
        decision="open_case",
        actor=actor,
        now=now + timedelta(minutes=1),
        on=tale.date_of(now),
        note=told.opening,
        reason="primary" if tale.course is None or tale.course.is_primary else "incidental",
    )
    case_actions.give_consent(
        chart=tale.chart,
        purpose="email",
        text_version="1",
        language=tale.person.language,
        actor=actor,
        now=now + timedelta(minutes=2),
    )


def _screened(tale: Tale, now: datetime) -> Any:
    if tale.told.known:
        return intake_actions.record_known(chart=tale.chart, actor=tale.actor, now=now)
    nights = {"s5_nights": tale.course.sittings[0].nights} if tale.course else {}
    return intake_actions.record_screen(
        chart=tale.chart,
        answers={**tale.told.screen, **nights},
        language=tale.person.language,
        actor=tale.actor,
        now=now,
    )


# Criteria


def _judge(tale: Tale, judged: Judged, now: datetime) -> None:
    """Judge the criteria; the look-alikes that are not named as present were considered and excluded."""
    given: dict[str, Any] = {
        key: criteria.CriterionAnswers(current=answer, past=judged.past.get(key))  # type: ignore[arg-type]
        for key, answer in judged.criteria.items()
    }
    mimics = dict.fromkeys((one.key for one in loading.mimics()), "considered_excluded")
    intake_actions.review_criteria(
        case=tale.case,
        judgement=intake_actions.Judgement(
            answers=criteria.CriteriaAnswers(
                **given,
                e5=judged.e5,
                past_reasons=judged.past_reasons,
                mimic=judged.mimic,
            ),
            mimics=mimics | dict.fromkeys(judged.present, "present"),
            e5_reason=judged.because,
            clinically_significant="" if tale.course is None else "yes" if tale.course.is_primary else "no",
            course="" if tale.course is None else _course(tale),
        ),
        actor=tale.actor,
        now=now,
    )


def _course(tale: Tale) -> str:
    """Return the course from what the story says of the last year."""
    says = tale.told.says
    return course.course(
        age=tale.person.age,
        is_provoked=False,
        months_since_onset=12 * (tale.person.age - says["onset"]),
        untreated_per_week=float(says["year"]),
        lifetime_events=course.EVENTS,
    )


# Iron


def _record_early_panels(tale: Tale, now: datetime) -> None:
    for panel in tale.told.panels:
        if _is_early(tale, panel):
            _record_panel(tale, panel, now)


def _later_panels(tale: Tale) -> Iterator[Event]:
    for panel in tale.told.panels:
        if not _is_early(tale, panel):
            day = tale.workday(tale.day(panel.day + POST_TAKES))
            yield tale.at(day, REPORT_AT), partial(_record_panel, tale, panel)


def _is_early(tale: Tale, panel: Panel) -> bool:
    return tale.day(panel.day) <= tale.evaluated_on


def _record_panel(tale: Tale, panel: Panel, now: datetime) -> None:
    entered = {
        analyte: (Decimal(value), panel.units.get(analyte) or next(iter(iron.UNITS[analyte])))  # type: ignore[index]
        for analyte, value in panel.values.items()
    }
    about = {
        "collected_on": before_weekend(tale.day(panel.day)),
        "source": panel.source,
        "morning": "yes",
        "fasting": "unknown",
        "note": panel.note,
        "specialist_reason": panel.specialist,
    }
    intake_actions.record_labs(
        case=tale.case,
        entered=entered,  # type: ignore[arg-type]
        about=about,
        age=tale.person.age,
        today=tale.date_of(now),
        actor=tale.actor,
        now=now,
    )


# Medicines


def _record_medicines(tale: Tale, now: datetime) -> None:
    for taken in tale.told.medicines:
        if not _is_later(tale, taken.since):
            _record_medicine(tale, taken, now)


def _record_medicine(tale: Tale, taken: Taken, now: datetime) -> None:
    values: dict[str, Any] = {
        "name": taken.name,
        "indication": "legs" if taken.for_legs else "other",
        "dose": taken.dose,
        "times": taken.times,
        "started_on": None if taken.since is None else tale.day(taken.since),
        "prescriber": taken.prescriber,
        "helps": taken.helps,
        "side_effects": list(taken.side_effects),
        "note": taken.note,
    }
    values |= {name: value for name, value in _change(tale, taken).items() if not _is_later(tale, taken.until)}
    intake_actions.record_medicine(case=tale.case, values=values, actor=tale.actor, now=now)


def _change(tale: Tale, taken: Taken) -> Mapping[str, Any]:
    if taken.until is not None:
        return {"stopped_on": tale.day(taken.until), "stop_reason": taken.why}
    if taken.changed is not None:
        return {"changed_on": tale.day(taken.changed), "change_note": taken.why}
    return {}


def _is_later(tale: Tale, day: int | None) -> bool:
    return day is not None and tale.day(day) > tale.evaluated_on


def _medicine_changes(tale: Tale) -> Iterator[Event]:
    for taken in tale.told.medicines:
        if _is_later(tale, taken.since):
            yield tale.at(tale.told_on(taken.since or 0), HEARD_AT), partial(_record_medicine, tale, taken)
        for day in (taken.until, taken.changed):
            if _is_later(tale, day):
                yield tale.at(tale.told_on(day or 0), HEARD_AT), partial(_change_medicine, tale, taken)


def _change_medicine(tale: Tale, taken: Taken, _now: datetime) -> None:
    row = tale.chart.medications.get(name=taken.name)
    intake_actions.change_medicine(medicine=row, seen=row.version, values=_change(tale, taken), actor=tale.actor)


# The examination


def _examine(tale: Tale, now: datetime) -> None:
    examine(tale, now, is_first=True, is_better=False)


def examine(tale: Tale, now: datetime, *, is_first: bool, is_better: bool) -> None:
    """Examine the patient: the places of the focus, softer in a later examination of one who is better."""
    told = tale.told.examined
    if told is None:
        return
    note = told.nerve_vessel_note
    assessment_actions.assess(
        case=tale.case,
        about={
            "assessed_on": tale.date_of(now),
            "nerve_vessel": "details" if note else "all_normal",
            "nerve_vessel_note": note,
            "red_flags": list(told.red_flags) if is_first else [],
            "red_flags_note": told.red_flags_note if is_first else "",
            "is_none_found": told.is_none_found,
            "note": told.note if is_first else "",
        },
        found=[] if told.is_none_found else list(_findings(tale, is_better=is_better)),
        complaints=_complaints(tale),
        results=list(_tested(tale, is_better=is_better)),
        actor=tale.actor,
        now=now,
    )


def _findings(tale: Tale, *, is_better: bool) -> Iterator[dict[str, Any]]:
    """Yield what is found, the worst first; what has become soft is not found any more."""
    told = tale.told.examined
    if told is not None and told.found:
        yield from (_seen(place) for place in told.found)
    if tale.course is None:
        return
    focus, less = FOCUS[tale.told.focus], 2 if is_better else 0
    for (muscle, side), grade in zip(focus.muscles, (3, 2, 2), strict=False):
        if grade > less:
            yield _felt("muscle", muscle, side, grade - less) | _sore(grade - less)
    for (point, side), grade in zip(focus.points, (3, 2, 2, 1), strict=False):
        if grade > less:
            yield _felt("point", point, side, grade - less)
    if not is_better:
        yield from (_seen(place) for place in focus.regions)


def _complaints(tale: Tale) -> list[dict[str, Any]]:
    """What is told of: the first place of the focus, as the main site."""
    if tale.course is None:
        return []
    place, side, *_seen_there = FOCUS[tale.told.focus].regions[0]
    return [{"kind": "site", "place": place, "place_kind": "region", "side": side, "course": "recurrent"}]


def _tested(tale: Tale, *, is_better: bool) -> Iterator[dict[str, Any]]:
    """Yield what was measured, in the order of the focus."""
    tests = FOCUS[tale.told.focus].tests if tale.course is not None else ()
    for test, side, first, better in tests:
        yield {"test": test, "side": side, "number": better if is_better else first}


def _sore(grade: int) -> dict[str, Any]:
    """What is said of a trigger point besides its grade."""
    return {"activity": "active" if grade > 1 else "latent", "pain": 2 * grade + 1}


def _felt(place_kind: str, place: str, side: str, grade: int) -> dict[str, Any]:
    kind = "trigger_point" if place_kind == "muscle" else "dense"
    return {"place": place, "place_kind": place_kind, "side": side, "kind": kind, "grade": grade}


def _seen(finding: Region) -> dict[str, Any]:
    region, side, seen, grade, note = finding
    signs = [seen] if seen in ("limited", "weak") else []
    about = {"kind": "movement" if signs else seen, "signs": signs, "grade": grade, "note": note}
    return {"place": region, "place_kind": "region", "side": side, **about}
