"""The intake in the room: section by section, nothing lost, submitted once, and what it finds has its task."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Response, Task
from rls_module.host.rows import Stale
from rls_module.intake import actions, queries
from rls_module.intake.models import Intake
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in
from tests.rls_module.intake.sheets import NEEDED

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


def begun(client, case) -> Intake:
    client.post(f"/rls/cases/{case.uuid}/intake/", {"do": "begin"})
    return Intake.objects.get(open_key=case.pk)


def save(client, case, section: str, *, seen: int | None = None, do: str = "leave", **answers):
    version = Intake.objects.get(open_key=case.pk).version if seen is None else seen
    return client.post(f"/rls/cases/{case.uuid}/intake/{section}/", answers | {"version": version, "do": do})


def submit(client, case):
    version = Intake.objects.get(open_key=case.pk).version
    return client.post(f"/rls/cases/{case.uuid}/intake/", {"do": "submit", "version": version})


def complete(client, case, **changes) -> None:
    begun(client, case)
    for section, answers in NEEDED.items():
        given = answers | {name: value for name, value in changes.items() if name in answers or section == "sleep"}
        assert save(client, case, section, **given).status_code == 302, section


def test_an_intake_is_taken_section_by_section_and_kept_as_a_response(client, case):
    complete(client, case)
    assert submit(client, case).status_code == 302
    response = Response.objects.get(instruments__has_key="rls_intake")
    assert response.answers["rls_intake.where"] == ["lower_legs_left", "lower_legs_right"]
    assert (response.mode, response.missing["rls_intake.sit"]) == ("in_room", "skipped")
    page = Page(client.get(f"/rls/responses/{response.uuid}/"))
    assert "Where do you feel it?" in page.words
    assert Intake.objects.get().status == "submitted"


def test_the_list_says_how_far_each_section_is(client, case):
    begun(client, case)
    save(client, case, "long", course="worse")
    page = Page(client.get(f"/rls/cases/{case.uuid}/intake/"))
    for words in ("1 answer needed", "2 answers needed", "saved", "not begun", "baseline", "criteria"):
        assert words in page.words


def test_a_section_may_be_saved_with_open_answers_and_is_there_again(client, case):
    begun(client, case)
    save(client, case, "feel", words=["crawling", "pull"], painful="sometimes")
    page = Page(client.get(f"/rls/cases/{case.uuid}/intake/feel/"))
    assert (page.sends["words"], page.sends["painful"]) == (["crawling", "pull"], ["sometimes"])


def test_saving_one_section_leaves_the_others(client, case):
    begun(client, case)
    save(client, case, "feel", painful="yes")
    save(client, case, "sleep", drive="no")
    save(client, case, "feel", sit="m15")
    assert Intake.objects.get().answers == {"drive": "no", "sit": "m15"}


def test_saving_leads_to_the_next_section_or_back(client, case):
    begun(client, case)
    base = f"/rls/cases/{case.uuid}/intake/"
    assert save(client, case, "why", do="next", reason="legs").headers["Location"] == f"{base}feel/"
    assert save(client, case, "safety", do="next").headers["Location"] == base


def test_an_intake_that_lacks_an_answer_is_not_complete_and_says_where(client, case):
    begun(client, case)
    response = submit(client, case)
    assert response.status_code == 422
    page = Page(response)
    assert [target for target in page.targets if target.startswith("section-")] == [
        f"section-{name}" for name in ("why", "feel", "sleep", "health", "medicines", "safety")
    ]
    assert set(page.targets) <= set(page.ids)
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("section", "answers"),
    [
        ("safety", {"flags": ["none", "calf"]}),
        ("why", {"reason": "moon"}),
        ("long", {"onset": "x" * 21}),
        ("why", {"told": "no", "told.yes": "Dr. Who, 2019"}),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_stays_on_the_page(client, case, section, answers):
    """DI-6, DI-8, part."""
    begun(client, case)
    response = save(client, case, section, **answers)
    assert response.status_code == 422
    assert Page(response).targets
    assert Intake.objects.get().saved == []


def test_a_branch_that_is_closed_keeps_no_answer(client, case):
    begun(client, case)
    save(client, case, "medicines", leg_meds=["never"], start_before="1320")
    assert "start_before" not in Intake.objects.get().answers
    save(client, case, "medicines", leg_meds=["now"], start_before="1320")
    assert Intake.objects.get().answers["start_before"] == 1320


def test_who_saves_later_sees_both(client, case):
    """DI-1."""
    seen = begun(client, case).version
    assert save(client, case, "feel", seen=seen, painful="yes").status_code == 302
    response = save(client, case, "feel", seen=seen, painful="no")
    assert response.status_code == 409
    page = Page(response)
    assert page.sends["painful"] == ["no"]
    assert "Does it hurt? Yes" in page.words
    assert Intake.objects.get().answers == {"painful": "yes"}


def clash(client, case) -> Page:
    """Two people at one section: the page that the second one meets."""
    seen = begun(client, case).version
    save(client, case, "feel", seen=seen, painful="yes", sit="m15")
    response = save(client, case, "feel", seen=seen, painful="no", sit="m15", words=["pull"])
    assert response.status_code == 409
    return Page(response)


def test_of_two_answers_somebody_chooses_which_one_stands(client, case):
    """DI-1: both are shown, question by question, and neither is chosen by itself."""
    page = clash(client, case)
    assert page.sends["clash"] == ["words", "painful"]
    assert not {"keep.words", "keep.painful"} & set(page.sends)
    sent = {**page.sends, "do": "leave"}
    undecided = client.post(f"/rls/cases/{case.uuid}/intake/feel/", sent | {"keep.words": "typed"})
    assert (undecided.status_code, Page(undecided).targets) == (422, ["id_keep.painful"])
    chosen = sent | {"keep.words": "typed", "keep.painful": "stored"}
    assert client.post(f"/rls/cases/{case.uuid}/intake/feel/", chosen).status_code == 302
    assert Intake.objects.get().answers == {"painful": "yes", "sit": "m15", "words": ["pull"]}


def test_whoever_saved_another_section_is_in_nobodys_way(client, case):
    """The version is the intake's, the conflict a section's."""
    begun(client, case)
    mark = Page(client.get(f"/rls/cases/{case.uuid}/intake/feel/")).sends["mark"][0]
    seen = Intake.objects.get().version
    save(client, case, "sleep", drive="no")
    assert save(client, case, "feel", seen=seen, mark=mark, painful="no").status_code == 302
    assert Intake.objects.get().answers == {"drive": "no", "painful": "no"}


def test_what_a_page_keeps_by_itself_is_stored_and_counts_for_nothing(client, case):
    begun(client, case)
    response = save(client, case, "feel", do="keep", painful="no")
    assert (response.status_code, response.json()["version"]) == (200, Intake.objects.get().version)
    assert (Intake.objects.get().answers, Intake.objects.get().saved) == ({"painful": "no"}, [])
    assert save(client, case, "feel", seen=1, do="keep", painful="yes").status_code == 409
    assert save(client, case, "safety", do="keep", flags=["none", "calf"]).status_code == 422


def test_what_an_intake_finds_has_its_task(client, case):
    complete(client, case, flags=["calf", "weight"], drive="yes", breathing="yes")
    submit(client, case)
    assert sorted((task.kind, task.rule) for task in Task.objects.all()) == [
        ("alert", "drowsy_driving"),
        ("alert", "snore_worry"),
        ("red_flag", "red_flag"),
        ("red_flag", "red_flag"),
    ]
    page = Page(client.get("/rls/"))
    assert "Somebody worries about the breathing at night" in page.words


def test_an_intake_is_submitted_once(client, case, user):
    complete(client, case, drive="yes")
    intake = Intake.objects.get()
    submit(client, case)
    stale = client.post(f"/rls/cases/{case.uuid}/intake/", {"do": "submit", "version": intake.version})
    assert stale.status_code == 200, "there is no draft any more: the page says how it stands"
    with pytest.raises(Stale):
        actions.submit_intake(intake=intake, seen=intake.version, actor=make.actor(user), now=make.NOW)
    assert (Response.objects.count(), Task.objects.count()) == (1, 1)


def test_going_through_it_again_begins_with_what_was_said(client, case):
    complete(client, case)
    submit(client, case)
    again = begun(client, case)
    assert again.answers["reason"] == "legs"
    assert queries.latest_intake(case).pk != again.pk


def test_a_draft_begun_twice_is_one(client, case):
    assert begun(client, case) == begun(client, case)


def test_an_unfinished_intake_waits_on_the_worklist(client, case):
    begun(client, case)
    assert f"/rls/cases/{case.uuid}/intake/" in Page(client.get("/rls/")).links


@pytest.mark.parametrize("section", ["nowhere", "pattern"])
def test_a_section_that_is_none_does_not_exist(client, case, section):
    begun(client, case)
    assert client.get(f"/rls/cases/{case.uuid}/intake/{section}/").status_code == 404


def test_a_section_without_an_intake_does_not_exist(client, case):
    assert client.get(f"/rls/cases/{case.uuid}/intake/why/").status_code == 404


def test_somebody_elses_intake_does_not_exist(client, case):
    """AZ-1, part."""
    begun(client, case)
    for stranger in (make.therapist(), make.therapist(role="clinic_admin"), make.therapist(make.clinic("hillside"))):
        other = signed_in(stranger)
        assert other.get(f"/rls/cases/{case.uuid}/intake/").status_code == 404
        assert other.get(f"/rls/cases/{case.uuid}/intake/feel/").status_code == 404
        assert other.post(f"/rls/cases/{case.uuid}/intake/feel/", {"painful": "yes"}).status_code == 404


def test_when_it_began_before_any_medicine_is_known_to_the_rules(client, case):
    complete(client, case, leg_meds=["past"])
    save(client, case, "medicines", leg_meds=["past"], thinner="no", start_before="1320")
    submit(client, case)
    assert queries.start_before(case) == 1320


def test_what_does_not_go_together_is_shown_and_not_guessed(client, case):
    """Nothing helps, and massage helped: both stay as they were said, and two sections say so."""
    begun(client, case)
    save(client, case, "feel", where=["feet_left", "feet_right"], helps=["nothing"])
    assert "do not go together" not in Page(client.get(f"/rls/cases/{case.uuid}/intake/")).words
    save(client, case, "tried", tried_massage="helped")
    words = Page(client.get(f"/rls/cases/{case.uuid}/intake/")).words
    assert words.count("two answers do not go together") == 2
    page = Page(client.get(f"/rls/cases/{case.uuid}/intake/feel/"))
    assert "What helps? Pick any. does not go with another answer" in page.words
    assert page.sends["helps"] == ["nothing"]


def test_an_age_beyond_todays_is_shown(client, case):
    begun(client, case)
    save(client, case, "long", onset="about 99")
    assert "later than today's age" in Page(client.get(f"/rls/cases/{case.uuid}/intake/long/")).words
