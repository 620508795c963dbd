"""A clinic changes its protocol: a new version, a preview, and a stated rule for those who are on the old one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, Enrolment, Occurrence, Protocol, ProtocolVersion
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale
from rls_module.knowledge.protocols import loading, preview
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

LENA = Actor("user:1", "Lena Ortiz", None)
NEW_YORK = ZoneInfo("America/New_York")


def touchpoints(**changes) -> list[dict]:
    """The shipped touchpoints, the second one changed."""
    first, second = (one.model_dump(mode="json") for one in loading.shipped("default").touchpoints)
    return [first, second | changes]


def release(open_rule: str = "move", *, seen: int = 1, touch=None, **changes) -> ProtocolVersion:
    return actions.release_version(
        protocol=Protocol.objects.get(scope="riverside"),
        seen=seen,
        touchpoints=touchpoints(**changes) if touch is None else touch,
        send_time=time(9),
        open_rule=open_rule,
        reason="Ten weeks suit our patients.",
        actor=LENA,
        now=make.NOW,
    )


def plan() -> None:
    actions.plan_marked(scope="riverside", now=make.NOW)


def due_days(case) -> dict[str, int]:
    rows = Occurrence.objects.filter(enrolment__case=case, state="open")
    return {row.step: (row.due_on - row.anchor_on).days for row in rows}


@pytest.fixture
def case():
    return make.planned(make.therapist())


def test_moving_takes_the_unsent_along(case):
    """The admin's own story: the second point from 12 to 10 weeks."""
    release(offset_days=70)
    plan()
    assert due_days(case) == {"week_6": 42, "week_12": 70}
    mails = Delivery.objects.filter(occurrence__step="week_12", state="scheduled")
    assert [(row.kind, (row.due_at.date() - make.TODAY).days) for row in mails.order_by("due_at")] == [
        ("invite", 70), ("reminder", 73), ("reminder", 77),
    ]  # fmt: skip


def test_keeping_leaves_everybody_where_they_are_and_the_next_patient_gets_the_new_one(case):
    release("keep", offset_days=70)
    plan()
    assert due_days(case) == {"week_6": 42, "week_12": 84}
    later = make.planned(make.therapist())
    assert due_days(later) == {"week_6": 42, "week_12": 70}


def test_what_was_sent_or_answered_stays(case):
    first, second = Occurrence.objects.order_by("due_at")
    Delivery.objects.filter(occurrence=first, kind="invite").update(state="sent", sent_at=first.due_at)
    make.answered(second, now=second.due_at)
    touch = [one | {"offset_days": one["offset_days"] - 7} for one in touchpoints()]
    release(touch=touch)
    plan()
    assert [row.due_on for row in Occurrence.objects.order_by("due_at")] == [first.due_on, second.due_on]


def test_a_step_that_vanished_is_cancelled_and_a_new_one_appears(case):
    new = touchpoints()[1] | {"step": "week_26", "offset_days": 182, "name": {"en": "Half a year", "es": "Medio año"}}
    release(touch=[touchpoints()[0], new])
    plan()
    assert due_days(case) == {"week_6": 42, "week_26": 182}
    gone = Occurrence.objects.get(step="week_12")
    assert (gone.state, gone.state_reason) == ("cancelled", "not_in_protocol")
    assert set(gone.deliveries.values_list("state", flat=True)) == {"cancelled"}


def test_other_reminders_are_planned_before_anything_is_due(case):
    release(reminder_days=(5,))
    plan()
    mails = Delivery.objects.filter(occurrence__step="week_12", state="scheduled")
    assert sorted((row.due_at.date() - make.TODAY).days for row in mails) == [84, 89]


def test_planning_again_changes_nothing(case):
    """FE-1."""
    release(offset_days=70)
    plan()
    before = list(Delivery.objects.order_by("pk").values()), list(Occurrence.objects.order_by("pk").values())
    for _ in range(3):
        plan()
        actions.plan_case(case=case, actor=LENA, now=make.NOW)
    after = list(Delivery.objects.order_by("pk").values()), list(Occurrence.objects.order_by("pk").values())
    assert after == before


def test_a_released_version_stays_as_it_was(case):
    old = queries.newest_version(Protocol.objects.get(scope="riverside"))
    new = release(offset_days=70)
    assert [one.offset_days for one in queries.touchpoints(old)] == [42, 84]
    assert [one.offset_days for one in queries.touchpoints(new)] == [42, 70]
    assert (new.number, new.open_rule, new.released_by_name) == (2, "move", "Lena Ortiz")


def test_two_admins_at_once_release_one_version(case):
    """DI-1."""
    release(offset_days=70)
    for seen in (1, 0, 7):
        with pytest.raises(Stale):
            release(seen=seen, offset_days=77)
    assert ProtocolVersion.objects.filter(protocol__scope="riverside").count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on_time_days": 30}, "on_time_days is after window_days"),
        ({"reminder_days": (7, 3)}, "reminder_days do not rise"),
        ({"call_after_days": 22}, "the call comes after window_days"),
        ({"offset_days": 10}, "do not stand in the order they are due"),
        ({"step": "week_6"}, "is the step of two touchpoints"),
        ({"offset_days": -1}, "greater than or equal to 0"),
    ],
)
def test_touchpoints_that_do_not_fit_are_refused_in_words(case, changes, words):
    with pytest.raises(queries.NotAProtocol) as refusal:
        release(**changes)
    assert words in " ".join(refusal.value.problems.values())
    assert ProtocolVersion.objects.filter(protocol__scope="riverside").count() == 1


def test_another_clinics_patients_stay_where_they_are(case):
    """AZ-16, part."""
    stranger = make.therapist(make.clinic("hillside"))
    other = make.planned(stranger, person=make.patient(stranger, stranger.clinic_staff.clinic))
    release(offset_days=70)
    actions.plan_marked(scope="hillside", now=make.NOW)
    assert due_days(other)["week_12"] == 84
    assert Enrolment.objects.get(case=other).version.number == 1


# --- What it would change


def shifts(now: datetime = make.NOW, **changes) -> list[tuple[str, int | None, int | None]]:
    protocol = Protocol.objects.get(scope="riverside")
    rows = queries.checked_touchpoints(protocol, touchpoints(**changes), time(9))
    found = queries.shifts(protocol, queries.drafted(rows), send_time=time(9), now=now)

    def day(at: datetime | None) -> int | None:
        return None if at is None else (at.date() - make.TODAY).days

    return [(one.step, day(one.before), day(one.after)) for one in found]


def test_the_difference_is_known_before_anything_is_released(case):
    assert shifts(offset_days=70) == [("week_12", 84, 70)]
    assert shifts() == []
    assert shifts(step="week_10", offset_days=70) == [("week_10", None, 70), ("week_12", 84, None)]


def test_what_was_sent_is_no_difference(case):
    Delivery.objects.filter(occurrence__step="week_12", kind="invite").update(state="sent", sent_at=make.NOW)
    assert shifts(offset_days=70) == []


def test_the_difference_names_nobody(case):
    protocol = Protocol.objects.get(scope="riverside")
    rows = queries.checked_touchpoints(protocol, touchpoints(offset_days=70), time(9))
    [one] = queries.shifts(protocol, queries.drafted(rows), send_time=time(9), now=make.NOW)
    assert one.ref == case.chart.patient.record_number
    assert queries.open_count(protocol) == 1


# --- Preview


def test_a_preview_is_everything_a_silent_patient_would_get():
    planned = preview.preview(
        loading.shipped("default").touchpoints,
        anchor_on=date(2026, 9, 7),
        zone=NEW_YORK,
        send_time=time(9),
        now=make.NOW,
    )
    assert [(one.touchpoint, one.kind) for one in planned] == [
        (step, kind) for step in ("week_6", "week_12") for kind in ("invite", "reminder", "reminder", "task")
    ]
    assert planned[0].at == datetime(2026, 10, 19, 13, 0, tzinfo=UTC)
    assert planned[4].at == datetime(2026, 11, 30, 14, 0, tzinfo=UTC), "the clocks went back in between"


def test_a_preview_of_the_past_says_what_is_not_asked():
    planned = preview.preview(
        loading.shipped("default").touchpoints,
        anchor_on=date(2026, 6, 1),
        zone=NEW_YORK,
        send_time=time(9),
        now=make.NOW,
    )
    assert (planned[0].touchpoint, planned[0].reason) == ("week_6", "over")


def simulated(capsys, *arguments: str) -> str:
    call_command("rls_simulate", "--anchor", "2026-09-07", "--tz", "America/New_York", *arguments)
    return capsys.readouterr().out


def test_the_command_says_the_same_in_words_and_as_json(capsys):
    assert "Mon 2026-10-19 09:00  6 weeks    invite    the day it is due" in simulated(capsys)
    assert "6 semanas" in simulated(capsys, "--language", "es")
    rows = json.loads(simulated(capsys, "--json"))
    assert set(rows[0]) == {"touchpoint", "kind", "local", "utc", "zone", "reason"}
    assert (rows[0]["local"], rows[0]["utc"]) == ("2026-10-19T09:00:00-04:00", "2026-10-19T13:00:00+00:00")
    assert [row["utc"] for row in rows] == sorted(row["utc"] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--anchor", "soon", "--tz", "UTC"], "no date"),
        (["--anchor", "2026-09-07", "--tz", "Mars/Olympus"], "no time zone"),
        (["--anchor", "2026-09-07", "--tz", "UTC", "--protocol", "moon"], "no protocol"),
    ],
)
def test_the_command_refuses_nonsense_in_words(arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("rls_simulate", *arguments)
