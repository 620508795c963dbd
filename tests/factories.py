"""Plain functions that make what tests need, through the plugin's own actions wherever there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connections

from rls_module.assessment import actions as assessment_actions
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart, Consent, Task
from rls_module.followups import actions as followup_actions
from rls_module.followups import links
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Delivery, Enrolment, Occurrence
from rls_module.host.actor import Actor, system
from rls_module.intake import actions as intake_actions
from rls_module.knowledge.instruments import importing
from rls_module.knowledge.protocols import loading as protocol_loading
from rls_module.knowledge.safety import augmentation, criteria
from rls_module.library import actions as library_actions
from rls_module.library.models import ImportedInstrument
from rls_module.plans import actions as plan_actions
from rls_module.visits import actions as visit_actions
from rls_module.visits.models import Visit
from tests.rls_module.knowledge.instruments import samples

if TYPE_CHECKING:
    from clinic.models import (  # of the reference host; in another one only what makes its rows is missing
        Clinic,
        Patient,
    )

NOW = datetime(2026, 9, 7, 14, 0, tzinfo=UTC)  # a Monday, 10:00 in New York
TODAY = date(2026, 9, 7)
PASSWORD = "correct horse battery staple"
_numbers = count(1)


def clinic(slug: str = "riverside", **values: Any) -> Clinic:
    """A clinic, which is a scope; the same one when asked for again."""
    from clinic.models import Clinic

    defaults = {
        "name": f"{slug.title()} Physical Therapy",
        "mail_name": f"{slug.title()} PT",
        "phone": "555-0100",
        "zone": "America/New_York",
    }
    return Clinic.objects.get_or_create(slug=slug, defaults=defaults | values)[0]


def therapist(where: Clinic | None = None, *, username: str = "", role: str = "therapist") -> Any:
    """A user with a place in a clinic."""
    from clinic.models import Staff

    user = get_user_model().objects.create_user(
        username or f"user{next(_numbers)}", password=PASSWORD, first_name="Dana", last_name="Whitfield"
    )
    Staff.objects.create(user=user, clinic=where or clinic(), role=role)
    return user


def patient(therapist_user: Any | None = None, where: Clinic | None = None, **values: Any) -> Patient:
    """A patient of a clinic, treated by `therapist_user`."""
    from clinic.models import Patient

    number = next(_numbers)
    defaults = {
        "given": "Alma",
        "family": f"Abbott{number}",
        "email": f"alma{number}@example.org",
        "phone": "555-0123",
        "born": date(1968, 3, 2),
        "record_number": f"R-{number:05}",
    }
    row = Patient.objects.create(clinic=where or clinic(), **defaults | values)
    if therapist_user is not None:
        row.therapists.add(therapist_user)
    return row


def actor(user: Any) -> Actor:
    """The actor that a request of `user` would have."""
    return Actor(f"user:{user.pk}", "Dana Whitfield PT", user.pk)


def chart(person: Patient, now: datetime = NOW) -> Chart:
    """The patient's chart."""
    return case_actions.open_chart(patient=person, actor=system("test"), now=now)


def case(
    user: Any, person: Patient | None = None, *, now: datetime = NOW, mail: bool = True, needling: bool = True
) -> Case:
    """An open case of one of the user's patients, who agreed to mail and to needling."""
    person = person or patient(user)
    opened = case_actions.open_case(
        chart=chart(person, now), reason=Case.Reason.INCIDENTAL, on=now.date(), actor=actor(user), now=now
    )
    for purpose in ["email"] * mail + ["needling"] * needling:
        case_actions.give_consent(
            chart=opened.chart, purpose=purpose, text_version="1", language="en", actor=actor(user), now=now
        )
    return opened


BASELINE = {"nights": 6, "worst": 8, "usual": 6, "start": 1200, "places": ["lower_legs"], "awake": 4, "rested": 1}


def baseline(of: Case, user: Any, *, now: datetime = NOW, **answers: Any) -> Any:
    """A baseline taken in the room, with one named activity."""
    return intake_actions.record_baseline(
        case=of,
        answers=BASELINE | {"tired": 5} | answers,
        activities=["sit through a film"],
        scores=[3],
        language="en",
        actor=actor(user),
        now=now,
    )


def review(of: Case, user: Any, *, now: datetime = NOW, **values: Any) -> Any:
    """A clinician's judgement that the criteria are met, unless `values` say otherwise."""
    said = {f"e{number}": {"current": "yes"} for number in range(1, 5)} | {"e5": "yes"} | values
    judgement = intake_actions.Judgement(answers=criteria.CriteriaAnswers.model_validate(said))
    return intake_actions.review_criteria(case=of, judgement=judgement, actor=actor(user), now=now)


def labs(of: Case, user: Any, *, on: date = TODAY, now: datetime = NOW, **values: Any) -> Any:
    """An iron panel: ferritin 96 ng/mL and saturation 27 %, unless `values` say otherwise."""
    entered = {"ferritin": (Decimal(96), "ng/mL"), "tsat": (Decimal(27), "%")} | values
    about = {"collected_on": on, "source": "document"}
    panel, _found = intake_actions.record_labs(
        case=of, entered=entered, about=about, age=58, today=on, actor=actor(user), now=now
    )
    return panel


def medicine(of: Case, user: Any, *, now: datetime = NOW, **values: Any) -> Any:
    """A medicine for the legs."""
    told = {"name": "Ropinirole", "indication": "legs", "started_on": date(2019, 9, 1)} | values
    return intake_actions.record_medicine(case=of, values=told, actor=actor(user), now=now)


def everything_before_treatment(of: Case, user: Any) -> None:
    """One row in every room that comes before treatment, with words that can be searched for."""
    review(of, user, mimic="canary mimic")
    labs(of, user)
    medicine(of, user, note="canary note")
    augmentation_screen(of, user, note="canary screen")


def augmentation_screen(of: Case, user: Any, *, note: str = "", now: datetime = NOW, **answers: Any) -> Any:
    """A screen for augmentation that shows the pattern, unless the arguments say otherwise."""
    told = dict.fromkeys(("most_days", "unexplained", "earlier_response", "paradoxical"), "yes") | answers
    given = augmentation.AugmentationAnswers(**told)
    return intake_actions.screen_augmentation(case=of, answers=given, note=note, actor=actor(user), now=now)


def referral(of: Case, user: Any, *, now: datetime = NOW, **values: Any) -> Any:
    """A referral to a family physician for one red flag, unless `values` say otherwise."""
    about = {
        "to_kind": "family physician",
        "to_name": "Dr Lindqvist",
        "urgency": "days",
        "red_flags": ["claudication"],
        "reason": "canary reason",
        "referred_on": now.date(),
    }
    return intake_actions.refer(case=of, values=about | values, actor=actor(user), now=now)


def policy(scope: str, **values: Any) -> Any:
    """How a clinic works."""
    return library_actions.save_policy(scope=scope, seen=1, values=values, actor=system("test"), now=NOW)


def assessment(of: Case, user: Any, *, found: Any = None, now: datetime = NOW, **about: Any) -> Any:
    """An examination: one trigger point, one site of pain, one result of a test, unless the arguments say otherwise."""
    band = {"place": "soleus", "place_kind": "muscle", "side": "L", "kind": "trigger_point", "grade": 2}
    about = {"assessed_on": now.date(), "nerve_vessel": "all_normal", "red_flags": []} | about
    found = [band] if found is None else found
    told = {"kind": "site", "place": "heel", "place_kind": "region", "side": "L", "pain_worst": 6}
    tested = {"test": "hip_flexion", "side": "L", "number": 110}
    return assessment_actions.assess(
        case=of, about=about, found=found, complaints=[told], results=[tested], actor=actor(user), now=now
    )


PLAN = {
    "times_per_week": 2,
    "weeks": 6,
    "planned_sessions": 9,
    "is_precautions_reviewed": True,
    "precautions": "None known.",
}


def plan_draft(
    of: Case, user: Any, *, now: datetime = NOW, goals: Any = None, treatment: Any = None, **values: Any
) -> Any:
    """A draft that could be signed, unless the arguments say otherwise."""
    draft = plan_actions.open_draft(case=of, actor=actor(user), now=now)
    named = case_queries.activities(of) or case_actions.name_activities(
        case=of, texts=["sit through a film"], actor=actor(user), now=now
    )
    goal = {"activity": named[0], "text": named[0].text, "baseline": "3", "target": "6", "by_on": now.date() + days(84)}
    aim = {"modality": "needling", "targets": [{"kind": "muscle", "key": "soleus", "side": "L"}], "note": ""}
    return plan_actions.save_draft(
        plan=draft,
        seen=draft.version,
        values=PLAN | values,
        goals=[goal] if goals is None else goals,
        interventions=[aim] if treatment is None else treatment,
        actor=actor(user),
        now=now,
    )


def plan(of: Case, user: Any, *, now: datetime = NOW, **values: Any) -> Any:
    """A signed plan."""
    draft = plan_draft(of, user, now=now, **values)
    return plan_actions.sign(plan=draft, seen=draft.version, actor=actor(user), now=now, on=now.date())


def prescription(of: Case, user: Any, *, on: date = TODAY, now: datetime = NOW, **values: Any) -> Any:
    """An exercise of the home programme, five days a week."""
    dose = {"name": "Calf raise", "sets": 3, "reps": 12, "days_per_week": 5} | values
    return plan_actions.prescribe(case=of, values=dose, on=on, actor=actor(user), now=now)


COMPLETE = {
    "since_last": "same",
    "reaction": "first",
    "safety": "unchanged",
    "needles_out": 3,
    "response": "Less pull in the calf.",
    "timed_minutes": 30,
    "total_minutes": 45,
    "next_time": "Same points, add the foot.",
}


def site(**values: Any) -> dict[str, Any]:
    """One needling row as a form hands it over."""
    return {
        "muscle": "soleus",
        "side": "L",
        "technique": "deep_pistoning",
        "gauge_mm": None,
        "length_mm": None,
        "needles_in": 3,
        "twitch": True,
        "minutes": None,
    } | values


def point(**values: Any) -> dict[str, Any]:
    """One fascial row as a form hands it over."""
    return {"point": "er-pe", "side": "L", "palpation_before": 3, "palpation_after": 1, "minutes": 3} | values


def exercise(**values: Any) -> dict[str, Any]:
    """One exercise row as a form hands it over."""
    return {"name": "Calf raise", "exercise": "calf_raise", "sets": 3, "reps": 12, "quality": "good"} | values


def draft(
    of: Case,
    user: Any,
    *,
    on: date = TODAY,
    now: datetime = NOW,
    sites: Any = None,
    points: Any = (),
    exercises: Any = (),
    **note: Any,
) -> Visit:
    """A note that could be signed, unless `note` or the rows say otherwise."""
    visit = visit_actions.open_draft(case=of, visit_date=on, actor=actor(user), now=now)
    return visit_actions.save_draft(
        visit=visit,
        seen=visit.version,
        note=COMPLETE | note,
        sites=[site()] if sites is None else sites,
        points=points,
        exercises=exercises,
        actor=actor(user),
        now=now,
    )


def signed(of: Case, user: Any, *, on: date = TODAY, now: datetime = NOW, **note: Any) -> Visit:
    """A completed visit."""
    visit = draft(of, user, on=on, now=now, **note)
    return visit_actions.sign(visit=visit, seen=visit.version, actor=actor(user), now=now)


def adverse_event(of: Case, user: Any, *, now: datetime = NOW, **values: Any) -> Any:
    """A fainting after needling that is still going on, unless `values` say otherwise."""
    told = {
        "event": "fainting",
        "occurred_on": TODAY,
        "onset": "during",
        "relation": "probable",
        "action_taken": "Stopped, needles out, laid flat.",
        "outcome": "ongoing",
        "source": "visit",
    }
    return visit_actions.record_event(case=of, values=told | values, actor=actor(user), now=now)


def notice(of: Case, user: Any, *, now: datetime = NOW, **values: Any) -> Any:
    """A notice, signed today, that the patient pays for needling, unless `values` say otherwise."""
    told = {"kind": "self_pay", "amount": "$45 a session", "signed_on": now.date()} | values
    return visit_actions.record_notice(chart=of.chart, values=told, actor=actor(user), now=now)


def certification_date(of: Any, user: Any, *, now: datetime = NOW, **values: Any) -> Any:
    """A signed plan (`of`) that a physician certified today, unless `values` say otherwise."""
    told = {"kind": "certified", "happened_on": now.date(), "party": "Dr Lindqvist"} | values
    return plan_actions.record_certification(plan=of, values=told, actor=actor(user), now=now)


def protocol(scope: str = "riverside", now: datetime = NOW) -> None:
    """The default protocol in one scope."""
    followup_actions.install_protocol(scope=scope, key="default", actor=system("test"), now=now)


def planned(user: Any, *, on: date = TODAY, now: datetime = NOW, person: Patient | None = None) -> Case:
    """A case with baseline and first visit whose follow-ups are planned."""
    of = case(user, person, now=now)
    protocol(of.chart.scope, now)
    baseline(of, user, now=now)
    signed(of, user, on=on, now=now)
    followup_actions.plan_marked(scope=of.chart.scope, now=now)
    return of


def days(number: float) -> timedelta:
    """That many days."""
    return timedelta(days=number)


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run every job in a thread of its own, all released together; return what each returned, or raised, in order."""
    gate = threading.Barrier(len(jobs))
    outcomes: list[Any] = [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=60)
            outcomes[place] = job()
        except Exception as error:  # noqa: BLE001  the test looks at it
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=numbered) for numbered in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a job never came back"
    return outcomes


def queued(number: int, *, each: int = 1, scope: str = "riverside", now: datetime = NOW) -> list[Delivery]:
    """`number` patients who agreed to mail, each with `each` mails due at `now`; written in bulk, for crowds."""
    from clinic.models import Patient

    where = clinic(scope)
    protocol(scope, now)
    version = followup_queries.protocol_version(scope)
    assert version is not None
    first = next(_numbers)
    people = [
        Patient(
            clinic=where,
            given="Alma",
            family=f"Crowd{first}-{place}",
            email=f"crowd{first}-{place}@example.org",
            record_number=f"C-{first}-{place}",
        )
        for place in range(number)
    ]
    charts = [Chart(patient=one, scope=scope, created_at=now) for one in Patient.objects.bulk_create(people)]
    Chart.objects.bulk_create(charts)
    cases = [
        Case(chart=one, reason="incidental", open_key=one.pk, opened_on=now.date(), created_at=now) for one in charts
    ]
    Case.objects.bulk_create(cases)
    Consent.objects.bulk_create(
        Consent(chart=one, purpose="email", text_version="1", language="en", given_at=now, created_at=now)
        for one in charts
    )
    enrolments = [
        Enrolment(
            chart=one.chart,
            case=one,
            version=version,
            scope=scope,
            open_key=followup_queries.open_key(one.chart, version),
            created_at=now,
        )
        for one in cases
    ]
    Enrolment.objects.bulk_create(enrolments)
    occurrences = [
        Occurrence(
            enrolment=one,
            chart=one.chart,
            scope=scope,
            step="week_6",
            anchor_on=now.date() - days(42),
            due_on=now.date(),
            send_time=version.send_time,
            zone="America/New_York",
            due_at=now,
            on_time_until=now + days(14),
            window_end=now + days(21),
            instruments={"rls_checkin": 1},
            piped={},
            selector=links.new_selector(),
            link_kid=links.newest_kid(),
            created_at=now,
        )
        for one in enrolments
    ]
    Occurrence.objects.bulk_create(occurrences)
    return Delivery.objects.bulk_create(
        Delivery(
            occurrence=one,
            chart=one.chart,
            scope=scope,
            kind="invite" if place == 0 else "reminder",
            ordinal=max(place, 1),
            due_at=now,
            next_attempt_at=now,
            created_at=now,
        )
        for place in range(each)
        for one in (occurrences if place % 2 == 0 else reversed(occurrences))
    )


def task(of: Case, *, rule: str = "no_answer", due_at: datetime | None = None, **values: Any) -> Task:
    """Something that a person must do for the patient of a case."""
    opened = case_actions.open_task(
        chart=of.chart,
        case=of,
        kind=values.pop("kind", Task.Kind.CALL),
        rule=rule,
        params={"step": "week_6"} | values,
        due_at=due_at,
        actor=system("test"),
        now=NOW,
    )
    assert opened is not None
    return opened


def answered(occurrence: Occurrence, *, now: datetime, **answers: Any) -> Any:
    """The response that a patient sent in to one time of asking; complete unless `answers` say otherwise."""
    given = {"nights": 3, "worst": 5, "usual": 4, "new_problem": ["none"], "change": 2} | answers
    sent = followup_actions.submit(
        occurrence=occurrence,
        answers={name: value for name, value in given.items() if value is not None},
        reached={"nights", "strength", "start", "places", "awake", "days", "activities", "new_problem", "change"},
        language="en",
        mode="self_web",
        actor=system("test"),
        now=now,
    )
    return sent.response


def instrument(
    content: bytes | None = None, *, scope: str = "riverside", holder: str = "", now: datetime = NOW
) -> ImportedInstrument:
    """An instrument that a clinic imported; `samples.sleep()` by default."""
    read = importing.read(content or samples.sleep(), file="in.toml", skeletons={})
    permission = library_actions.Permission(holder, now.date()) if holder else None
    return library_actions.import_instrument(
        scope=scope, instrument=read.instrument, permission=permission, actor=system("test"), now=now
    )


def asking(key: str, *, scope: str = "riverside", now: datetime = NOW) -> None:
    """A version of the clinic's protocol that asks `key` at six weeks, in place of the check-in."""
    protocol(scope, now)
    newest = followup_queries.protocol_version(scope)
    assert newest is not None
    rows = [one.model_dump(mode="json") for one in protocol_loading.shipped("default").touchpoints]
    followup_actions.release_version(
        protocol=newest.protocol,
        seen=newest.number,
        touchpoints=[rows[0] | {"instruments": [key]}, *rows[1:]],
        send_time=newest.send_time,
        open_rule="keep",
        reason="We ask this at six weeks.",
        actor=system("test"),
        now=now,
    )
