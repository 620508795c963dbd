"""The assessment: what is found by hand, red flags with their tasks, and nothing written over."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from rls_module.assessment import queries
from rls_module.assessment.models import Assessment, Complaint, ExamResult, Finding
from rls_module.cases.models import Task
from rls_module.host.actor import system
from rls_module.intake import actions as intake_actions
from rls_module.intake import queries as intake_queries
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


SHEET = {
    "version": "0",
    "assessed_on": "2026-09-07",
    "nerve_vessel": "all_normal",
    "red_flags": ["none"],
    "finding-TOTAL_FORMS": "2",
    "finding-INITIAL_FORMS": "0",
    "complaint-TOTAL_FORMS": "1",
    "complaint-INITIAL_FORMS": "0",
    "finding-0-place": "sol l",
    "finding-0-kind": "trigger_point",
    "finding-0-grade": "2",
}


def examine(client, case, **changes):
    return client.post(f"/rls/cases/{case.uuid}/assessment/", SHEET | changes)


def test_what_was_found_is_kept_with_its_place(client, case):
    assert examine(client, case).status_code == 302
    [finding] = Finding.objects.all()
    assert (finding.place_kind, finding.place, finding.side, finding.kind, finding.grade) == (
        "muscle", "soleus", "L", "trigger_point", 2,
    )  # fmt: skip
    page = Page(client.get(f"/rls/cases/{case.uuid}/assessment/"))
    assert "trigger point, grade 2" in page.words


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("er-pe dx", ("point", "er-pe", "R")),
        ("RE-PES**", ("point", "re-pe", "")),
        ("heel r", ("region", "heel", "R")),
        ("head and neck", ("region", "head_neck", "M")),
        ("gastroc med l", ("muscle", "gastrocnemius_caput_mediale", "L")),
    ],
)
def test_a_place_is_read_as_therapists_write_it(client, case, typed, place):
    examine(client, case, **{"finding-0-place": typed})
    found = Finding.objects.get()
    assert (found.place_kind, found.place, found.side) == place


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"finding-0-place": "gast"}, "could be:"),
        ({"finding-0-place": "elbowish"}, "No muscle, point or region is called “elbowish”."),
        ({"finding-0-kind": ""}, "Choose what was found there."),
        ({"finding-0-place": ""}, "Write where this was found, or drop the row."),
        ({"nerve_vessel": ""}, "This field is required."),
        ({"nerve_vessel": "details"}, "Write what is not normal, or say so at its test."),
        ({"red_flags": []}, "Go through the red flags"),
        ({"red_flags": ["none", "calf"]}, "can't stand beside a red flag"),
        ({"is_none_found": "on"}, "not both"),
        ({"finding-0-place": "", "finding-0-kind": "", "finding-0-grade": ""}, "Enter at least one finding"),
        ({"assessed_on": "2026-09-08"}, "This day has not come yet."),
    ],
)
def test_what_cannot_stand_is_refused_in_words_and_kept_on_the_page(client, case, changes, words):
    response = examine(client, case, **changes)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert not Assessment.objects.exists()
    for name, value in (SHEET | changes).items():
        if value and isinstance(value, str):
            assert value in page.sends[name], name


def test_nothing_found_is_a_finding(client, case):
    changes = {"finding-0-place": "", "finding-0-kind": "", "finding-0-grade": "", "is_none_found": "on"}
    assert examine(client, case, **changes).status_code == 302
    assert Assessment.objects.get().is_none_found


def test_each_red_flag_opens_a_task_in_opening_time(client, case):
    examine(client, case, red_flags=["calf", "weight"])
    tasks = {task.params["flag"]: task for task in Task.objects.all()}
    assert {task.kind for task in tasks.values()} == {"red_flag"}
    assert tasks["calf"].due_at == datetime(2026, 9, 7, 15, 0, tzinfo=UTC), "one opening hour"
    assert tasks["weight"].due_at == datetime(2026, 9, 8, 22, 0, tzinfo=UTC), "one working day"
    page = Page(client.get("/rls/"))
    assert "Red flag: One calf that is hot, swollen and sore. Refer, or write why not." in page.words
    assert intake_queries.open_red_flags(case.chart).count() == 2


def test_a_red_flag_that_is_open_already_is_one_task_wherever_it_was_seen(client, case):
    raise_it = {"case": case, "keys": ["calf"], "actor": system("test"), "now": make.NOW}
    intake_actions.raise_red_flags(**raise_it, cause="intake:1")
    examine(client, case, red_flags=["calf"])
    assert intake_queries.open_red_flags(case.chart).count() == 1
    Task.objects.update(state="done", outcome="Scan clear.")
    intake_actions.raise_red_flags(**raise_it, cause="intake:2")
    assert intake_queries.open_red_flags(case.chart).count() == 1, "seen again after it was resolved"


def test_a_clinics_own_hours_decide_when_it_is_due(client, case):
    make.policy(case.chart.scope, opens_at="13:00", closes_at="15:00")
    examine(client, case, red_flags=["calf"])
    assert Task.objects.get().due_at == datetime(2026, 9, 7, 18, 0, tzinfo=UTC), "14:00 in New York"


def test_an_examination_is_never_changed(client, case):
    """DI-4: append-only, by trigger."""
    examine(client, case)
    for change in (
        lambda: Assessment.objects.update(note="later"),
        lambda: Finding.objects.update(grade=3),
        lambda: Finding.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    examine(client, case, **{"finding-0-grade": "1"})
    grades = [queries.findings(row)[0].grade for row in queries.assessments(case)]
    assert grades == [1, 2], "the next one stands beside it, the newest first"


def test_somebody_elses_case_does_not_exist(case):
    """AZ-1, part."""
    for stranger in (make.therapist(), make.therapist(role="clinic_admin"), make.therapist(make.clinic("hillside"))):
        assert signed_in(stranger).get(f"/rls/cases/{case.uuid}/assessment/").status_code == 404
        assert examine(signed_in(stranger), case).status_code == 404
    assert not Assessment.objects.exists()


# --- What is told, tested and found, in full


def test_a_trigger_point_a_density_and_a_movement_are_kept_with_all_that_is_said_of_them(client, case):
    more = {
        "finding-TOTAL_FORMS": "3",
        "finding-0-activity": "active", "finding-0-pain": "7", "finding-0-spreads_to": "into the heel",
        "finding-1-place": "re-pes dx***", "finding-1-kind": "dense", "finding-1-pain": "4",
        "finding-2-place": "er ge", "finding-2-side": "R", "finding-2-kind": "movement",
        "finding-2-signs": ["painful", "weak"], "finding-2-note": "On stairs.",
    }  # fmt: skip
    assert examine(client, case, **more).status_code == 302
    rows = [
        (one.place, one.side, one.kind, one.grade, one.activity, one.pain, one.signs, one.spreads_to)
        for one in Finding.objects.order_by("position")
    ]
    assert rows == [
        ("soleus", "L", "trigger_point", 2, "active", 7, [], "into the heel"),
        ("re-pe", "R", "dense", 3, "", 4, [], ""),
        ("er-ge", "R", "movement", None, "", None, ["painful", "weak"], ""),
    ]
    words = Page(client.get(f"/rls/cases/{case.uuid}/assessment/")).words
    assert "trigger point, active, grade 2, pain 7 of 10, spreads to into the heel" in words
    assert "movement (painful, weak): On stairs." in words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"finding-0-kind": "dense", "finding-0-activity": "latent"}, "Active or latent is said of a trigger point."),
        ({"finding-0-signs": ["weak"]}, "Painful, weak or limited is said of a movement."),
        ({"finding-0-pain": "11"}, "Select a valid choice."),
        ({"complaint-0-place": "heel r", "complaint-0-kind": ""}, "Choose what it is."),
        ({"complaint-0-kind": "site"}, "Write where, or drop the row."),
        ({"complaint-0-place": "heel r", "complaint-0-kind": "surgery", "complaint-0-year": "2027"}, "not come"),
        (
            {"complaint-0-place": "heel r", "complaint-0-kind": "site", "complaint-0-pain_now": "6",
             "complaint-0-pain_worst": "5"},
            "This is less than the pain now.",
        ),
        ({"test-hip_flexion-L": "900"}, "less than or equal to 200"),
        ({"test-hruska_adduction_lift-R": "6"}, "less than or equal to 5"),
        ({"test-foot_pulses-L": "absent"}, "“All normal” is ticked, and not so: Foot pulses."),
        ({"complaint-TOTAL_FORMS": ""}, "ManagementForm"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_in_words(client, case, changes, words):
    response = examine(client, case, **changes)
    assert response.status_code == 422
    assert words in Page(response).words
    assert not Assessment.objects.exists()


def test_what_is_told_is_kept_site_by_site(client, case):
    """The chart of Fascial Manipulation: site of pain, painful movement, beside it, earlier, paraesthesia."""
    told = {
        "complaint-TOTAL_FORMS": "3", "dominance": "right", "work": "Baker", "sport": "Running",
        "complaint-0-place": "heel l", "complaint-0-kind": "site", "complaint-0-since": "2 years",
        "complaint-0-course": "recurrent", "complaint-0-how_often": "2 a week", "complaint-0-pain_now": "3",
        "complaint-0-pain_worst": "8", "complaint-0-worse_when": "evening", "complaint-0-movement": "RE TA sx",
        "complaint-0-movement_pain": "6",
        "complaint-1-place": "outer ankle r", "complaint-1-kind": "fracture", "complaint-1-year": "1999",
        "complaint-2-place": "forefoot and toes bi", "complaint-2-kind": "paraesthesia",
        "planes": ["sagittal"], "hypothesis": "Old ankle, sagittal plane.", "patterns": ["left_aic", "right_bc"],
    }  # fmt: skip
    assert examine(client, case, **told).status_code == 302
    site, fracture, feet = Complaint.objects.order_by("position")
    assert (site.place, site.side, site.movement, site.movement_pain) == ("heel", "L", "re-ta L", 6)
    assert (fracture.kind, fracture.year, feet.place, feet.side) == ("fracture", 1999, "forefoot_toes", "B")
    kept = Assessment.objects.get()
    assert (kept.planes, kept.patterns, kept.work) == (["sagittal"], ["left_aic", "right_bc"], "Baker")
    page = Page(client.get(f"/rls/cases/{case.uuid}/assessment/"))
    assert "2 years, comes and goes, 2 a week, now 3 of 10, at worst 8 of 10, worse evening" in page.words
    assert "Left AIC, Right BC" in page.words
    assert page.sends["work"] == ["Baker"], "the next examination begins with what is so of a person"


def exam_results_of_tests_are_kept_by_side_and_stage_and_stand_beside_the_next_ones(client, case):
    tested = {
        "nerve_vessel": "details", "test-ankle_reflex-L": "reduced", "test-ankle_reflex-R": "normal",
        "test-hip_flexion-L": "105", "test-lumbar_flexion": "-5", "test-adduction_drop-L": "positive",
        "test-adduction_drop-L-after": "negative", "test-hruska_adduction_lift-R": "0",
    }  # fmt: skip
    assert examine(client, case, **tested).status_code == 302
    rows = [(one.test, one.side, one.stage, one.answer, one.number) for one in ExamResult.objects.order_by("position")]
    assert rows == [
        ("ankle_reflex", "L", "", "reduced", None),
        ("ankle_reflex", "R", "", "normal", None),
        ("hip_flexion", "L", "", "", 105),
        ("lumbar_flexion", "", "", "", -5),
        ("adduction_drop", "L", "", "positive", None),
        ("adduction_drop", "L", "after", "negative", None),
        ("hruska_adduction_lift", "R", "", "", 0),
    ]
    words = Page(client.get(f"/rls/cases/{case.uuid}/assessment/")).words
    assert "Ankle reflex L reduced, R normal" in words
    assert "Adduction drop L +, L \N{MINUS SIGN} after" in words
    assert "Hruska adduction lift R 0 of 5" in words
    assert "last 105°" in words
    assert "the side is that of the leg on the examiner's shoulder" in words


def test_more_rows_keep_what_was_typed_and_judge_nothing_yet(client, case):
    half = {
        "finding-0-place": "elbowish",
        "finding-0-kind": "",
        "complaint-0-since": "a year",
        "note": "Half a thought",
    }
    for wanted, name in (("more_findings", "finding"), ("more_complaints", "complaint")):
        response = examine(client, case, **half, do=wanted)
        assert response.status_code == 200
        page = Page(response)
        counts = {"finding": 2, "complaint": 1} | {name: {"finding": 6, "complaint": 5}[name]}
        assert {one: int(page.sends[f"{one}-TOTAL_FORMS"][0]) for one in counts} == counts
        assert page.sends["finding-0-place"] == ["elbowish"]
        assert page.sends["complaint-0-since"] == ["a year"]
        assert page.sends["note"] == ["Half a thought"]
        assert "No muscle" not in page.words
    assert not Assessment.objects.exists()


def test_the_chart_shows_what_was_found_last_as_ghosts(client, case):
    examine(client, case)
    html = client.get(f"/rls/cases/{case.uuid}/assessment/").content.decode()
    ghosts = re.findall(r'<path class="mark (\w+) ghost"[^>]*><title>(.*?)</title>', html)
    assert set(ghosts) == {("circle", "last time: soleus L: trigger point 2")}
    assert len(ghosts) == 2, "seen from behind and from the left"


def test_a_page_costs_the_same_whatever_the_history(client, case):
    """The quality of the issue: a constant number of queries."""
    examine(client, case)
    with CaptureQueriesContext(connection) as first:
        client.get(f"/rls/cases/{case.uuid}/assessment/")
    for number in range(4):
        examine(
            client, case, **{"complaint-0-place": "heel", "complaint-0-kind": "site", "test-hip_flexion-L": str(number)}
        )
    with CaptureQueriesContext(connection) as later:
        client.get(f"/rls/cases/{case.uuid}/assessment/")
    assert len(later) == len(first)


# --- Looking a place up


def test_a_place_is_looked_up_on_a_page_and_by_a_field(client, case):
    page = Page(client.get("/rls/places/", {"q": "tib ant sx"}))
    assert "tibialis anterior L" in page.words
    assert "No muscle, point or region is called like that." in Page(client.get("/rls/places/", {"q": "zzzz"})).words
    answer = client.get("/rls/places/", {"q": "er pe dx"}, headers={"Accept": "application/json"}).json()
    assert answer["places"] == [{"kind": "point", "text": "er-pe dx", "name": "er-pe", "hint": "extrarotation, foot"}]


@pytest.mark.parametrize("text", ["", "\x00", "é" * 500, "' OR 1=1 --", "<script>", "%s %(x)s", "\ud83e"])
def test_whatever_is_looked_up_is_answered(client, text):
    """F-34 part."""
    assert client.get("/rls/places/", {"q": text.encode("utf-8", "surrogatepass")}).status_code == 200
