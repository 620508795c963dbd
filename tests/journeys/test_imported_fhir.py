"""A questionnaire of mixed kinds from FHIR, and the words of a licensed form: imported, asked, answered, charted."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Measurement, Response
from rls_module.followups.models import Occurrence
from rls_module.host.actor import system
from rls_module.knowledge.instruments import importing, loading
from rls_module.library import actions as library_actions
from rls_module.outcomes import queries as outcome_queries
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in
from tests.rls_module.knowledge.instruments.samples import mixed
from tests.rls_module.surveys.phone import Phone

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

DUE = make.NOW + make.days(42)
HALF = {"coffee": "3", "dose": "7,5", "since": "2026-02-03", "asleep": "23:30"}


@pytest.fixture
def phone(at) -> Phone:
    """A patient who has opened the link and pressed Start."""
    make.instrument(mixed())
    make.asking("x-mixed")
    make.planned(make.therapist())
    at(DUE)
    phone = Phone()
    phone.start(occurrence())
    return phone


def occurrence() -> Occurrence:
    return Occurrence.objects.select_related("chart__patient").get(step="week_6")


def test_a_questionnaire_of_mixed_kinds_is_answered_page_by_page(phone):
    assert "About your nights" in phone.page.text
    assert "1. About coffee?" in phone.page.text
    assert "Three cups or more are many." not in phone.page.text
    phone.press("next", HALF)
    assert phone.page.key == "about", "the answers of the page open more of it"
    assert "Three cups or more are many." in phone.page.text
    phone.press("next", {**HALF, "last_cup": "2026-10-18T16:05"})
    assert phone.page.key == "rest"
    phone.press("next", {"helps": ["A walk", "", "Cold water"], "page": "https://example.org/a", "weight": "71.25"})
    review = phone.page.text
    assert "7.5 mg" in review
    assert "A walk, Cold water" in review
    assert "Three cups" not in review, "words to read are nothing to check"
    phone.press("send")
    response = Response.objects.get(phase="followup")
    assert response.answers == {
        "x-mixed.coffee": 3,
        "x-mixed.dose": 7.5,
        "x-mixed.since": "2026-02-03",
        "x-mixed.asleep": "23:30",
        "x-mixed.last_cup": "2026-10-18T16:05",
        "x-mixed.helps": ["A walk", "Cold water"],
        "x-mixed.page": "https://example.org/a",
        "x-mixed.weight": 71.25,
    }
    assert response.missing == {}
    client = signed_in(response.chart.patient.therapists.get())
    sitting = Page(client.get(f"/rls/responses/{response.uuid}/")).words
    assert "About dose? 7.5 mg" in sitting
    assert "Feb. 3, 2026" in sitting
    assert "https://example.org/a" in sitting


def test_what_a_condition_hides_is_not_asked_and_says_so(phone):
    phone.press("next", {"coffee": "1", "asleep": ""})
    phone.press("send")
    response = Response.objects.get(phase="followup")
    assert response.answers == {"x-mixed.coffee": 1}
    assert {why for name, why in response.missing.items() if name.split(".")[1] in ("last_cup", "helps", "page")} == {
        "not_asked"
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"coffee": "-1"}, "Please write 0 or more."),
        ({"coffee": "many"}, "Please write a number."),
        ({"coffee": "1.5"}, "Please write a whole number."),
        ({"coffee": ""}, "Please write an answer."),
        ({"dose": "1.25"}, "Digits after the point: at most 1."),
        ({"since": "2019-12-31"}, "or later."),
        ({"since": "2026-02-30"}, "Please write a day, as 2026-03-01."),
        ({"asleep": "25:00"}, "Please write a time, as 22:30."),
    ],
)
def test_what_cannot_stand_is_said_beside_what_was_typed(phone, wrong, said):
    phone.press("next", {**HALF, **wrong})
    assert phone.page.status == 422
    assert said in phone.page.text


def test_what_the_file_fills_in_stands_there_once(phone):
    """FHIR's `initial`: on a page that nobody answered yet, and not over an answer that was taken away."""
    assert phone.page.form.fields["asleep"] == ["23:00"]
    phone.press("next", {"coffee": "1", "asleep": ""})
    phone.get(f"/q/{occurrence().selector}/?page=about")
    assert phone.page.form.fields["asleep"] == [""]


# --- Words for a licensed form


def words() -> bytes:
    """Made-up words for the structure of the IRLS: none of them is the form's."""
    lines = ['skeleton = "irls"', "skeleton_version = 1", "version = 1", "", "[wording.en]", 'status = "released"']
    lines += ['title = "IRLS"', 'heading = "Your legs"']
    for place in range(1, 11):
        lines += ["", f"[wording.en.items.i{place}]", f'text = "Made-up question {place}"']
        lines += ['options = { 0 = "A", 1 = "B", 2 = "C", 3 = "D", 4 = "E" }']
    return "\n".join(lines).encode()


def bring_in(*, holder: str = "") -> None:
    found = importing.read(words(), file="in.toml", skeletons=loading.skeletons())
    permission = library_actions.Permission(holder, make.NOW.date()) if holder else None
    library_actions.import_instrument(
        scope="riverside", instrument=found.instrument, permission=permission, actor=system("test"), now=make.NOW
    )


def test_licensed_words_are_asked_by_a_protocol_and_totalled_on_the_chart(at):
    bring_in(holder="A. Holder")
    make.asking("irls")
    case = make.planned(make.therapist())
    at(DUE)
    phone = Phone()
    phone.start(occurrence())
    assert "Made-up question 10" in phone.page.text
    phone.press("next", {f"i{place}": "2" for place in range(1, 11)})
    phone.press("send")
    assert dict(Measurement.objects.filter(measure__startswith="irls").values_list("measure", "value")) == {
        "irls:total": 20
    }
    (scale,) = outcome_queries.chart_page(case.chart, now=DUE, language="en").scales
    assert (scale.sittings[0].cells[0].text, scale.sittings[0].cells[0].band) == ("20", "moderate")
    assert str(scale.sittings[0].mode) == "answered by link"


def test_licensed_words_without_a_permission_are_imported_and_asked_of_nobody():
    """Importing attests nothing; sending does."""
    bring_in()
    make.asking("irls")
    make.planned(make.therapist())
    assert (occurrence().state, occurrence().state_reason) == ("skipped", "not_offered")
