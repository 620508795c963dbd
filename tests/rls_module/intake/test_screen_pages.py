"""The screen as a therapist takes it: a plain no in two taps, a plain yes in six, and a reason for what is neither."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Case, Chart, Response
from rls_module.intake.models import Screen
from tests import factories as make
from tests.rls_module.host import adapters
from tests.rls_module.host.pages import Page, held, sent, signed_in
from tests.rls_module.intake.sheets import DOES_NOT_FIT, FITS, UNCLEAR

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def chart(user):
    return make.chart(make.patient(user))


def address(chart: Chart) -> str:
    return f"/rls/charts/{chart.uuid}/screen/"


def shown(client, response) -> Page:
    """The page that a redirect leads to."""
    assert response.status_code == 302
    return Page(client.get(response.headers["Location"]))


# --- The way in from the host


def test_a_patient_without_a_chart_is_offered_one_and_reading_makes_none(client, user):
    person = make.patient(user)
    page = Page(client.get(f"/rls/patients/{person.pk}/"))
    assert "No restless-legs chart yet" in page.words
    assert not Chart.objects.exists()
    response = client.post(f"/rls/patients/{person.pk}/")
    chart = Chart.objects.get(patient=person)
    assert response.headers["Location"] == address(chart)
    assert chart.scope == "riverside"


def test_a_patient_with_a_chart_is_led_to_it_and_gets_no_second(client, chart):
    assert client.get(f"/rls/patients/{chart.patient_id}/").headers["Location"] == f"/rls/charts/{chart.uuid}/"
    assert client.post(f"/rls/patients/{chart.patient_id}/").headers["Location"] == address(chart)
    assert Chart.objects.count() == 1


@pytest.mark.parametrize("key", ["none", "0", "-1", "9" * 30, "1.5", "%00", "é"])
def test_a_key_that_is_nobodys_is_a_404(client, key):
    assert client.get(f"/rls/patients/{key}/").status_code == 404


# --- The screen


def test_the_screen_asks_with_nothing_picked(client, chart):
    page = Page(client.get(address(chart)))
    assert {name: value for name, value in page.sends.items() if name.startswith("s")} == {}
    assert "This is a screen, not a diagnosis." in page.words


def test_a_plain_no_takes_two_inputs(client, chart):
    """One answer and one button: saved as "not RLS", no case."""
    response = client.post(address(chart), {"s1_urge": "no", "do": "see"})
    assert response.headers["Location"] == f"/rls/charts/{chart.uuid}/"
    screen = Screen.objects.get()
    assert (screen.result, screen.decision, screen.chart) == ("does_not_fit", "not_rls", chart)
    assert screen.response.answers == {"rls_screen.s1_urge": "no"}
    assert not Case.objects.exists()
    assert "screen: does not fit" in Page(client.get(response.headers["Location"])).words


def test_a_plain_no_is_no_case_by_the_other_button_either(client, chart):
    client.post(address(chart), {"s1_urge": "no", "do": "open"})
    assert not Case.objects.exists()


def test_a_plain_yes_opens_the_case_in_six_inputs(client, chart, user):
    """Five answers and one button; the baseline comes next."""
    assert len(FITS) + 1 == 6
    response = client.post(address(chart), FITS | {"do": "open"})
    case = Case.objects.get()
    assert response.headers["Location"] == f"/rls/cases/{case.uuid}/baseline/"
    assert (case.chart, case.reason, case.status, case.opened_by_id) == (chart, "incidental", "open", user.pk)
    assert (case.opened_on, case.known_elsewhere) == (make.TODAY, False)
    screen = Screen.objects.get()
    assert (screen.result, screen.decision, screen.case, screen.tags) == ("fits", "open_case", case, ["often"])


def test_a_plain_yes_may_wait_for_a_decision(client, chart):
    response = client.post(address(chart), FITS | {"do": "see"})
    screen = Screen.objects.get()
    assert response.headers["Location"] == f"/rls/screens/{screen.uuid}/"
    page = Page(client.get(response.headers["Location"]))
    assert ("decision", "open_case") in page.buttons
    assert "often: 2 nights a week or more" in page.words
    assert not Case.objects.exists()


@pytest.mark.parametrize("decision", ["later", "declined"])
def test_a_fitting_pattern_may_be_left_for_now(client, chart, decision):
    client.post(address(chart), FITS | {"do": "see"})
    screen = Screen.objects.get()
    response = client.post(f"/rls/screens/{screen.uuid}/", {"decision": decision})
    assert response.headers["Location"] == f"/rls/charts/{chart.uuid}/"
    screen.refresh_from_db()
    assert (screen.decision, Case.objects.count()) == (decision, 0)


def test_an_unclear_pattern_leads_to_the_two_things_that_can_follow(client, chart):
    page = shown(client, client.post(address(chart), UNCLEAR | {"do": "open"}))
    assert "Not clear yet." in page.words
    assert page.buttons == [("decision", "open_case"), ("decision", "ask_again")]
    assert not Case.objects.exists()


def test_an_unclear_pattern_opens_a_case_without_a_reason(client, chart):
    client.post(address(chart), UNCLEAR | {"do": "see"})
    screen = Screen.objects.get()
    client.post(f"/rls/screens/{screen.uuid}/", {"decision": "open_case"})
    assert Case.objects.get().chart == chart


def test_a_case_against_the_result_needs_a_reason_and_keeps_it(client, chart):
    page = shown(client, client.post(address(chart), DOES_NOT_FIT | {"do": "open"}))
    assert page.buttons == [("decision", "not_rls"), ("decision", "open_case")]
    screen = Screen.objects.get()
    here = f"/rls/screens/{screen.uuid}/"
    for note in ("", "   "):
        response = client.post(here, {"decision": "open_case", "note": note})
        assert response.status_code == 422
        refused = Page(response)
        assert "Write down why a case is opened although the pattern does not fit." in refused.words
        assert set(refused.targets) <= set(refused.ids)
    assert not Case.objects.exists()
    client.post(here, {"decision": "open_case", "note": "Treated now; it was typical before."})
    assert Case.objects.get().opening_note == "Treated now; it was typical before."


def test_saving_as_not_rls_needs_no_reason(client, chart):
    client.post(address(chart), DOES_NOT_FIT | {"do": "see"})
    screen = Screen.objects.get()
    client.post(f"/rls/screens/{screen.uuid}/", {"decision": "not_rls"})
    screen.refresh_from_db()
    assert screen.decision == "not_rls"


@pytest.mark.parametrize("decision", ["", "burn"])
def test_a_decision_that_there_is_not_is_refused(client, chart, decision):
    client.post(address(chart), FITS | {"do": "see"})
    screen = Screen.objects.get()
    response = client.post(f"/rls/screens/{screen.uuid}/", {"decision": decision, "note": "x"})
    assert response.status_code == 422
    screen.refresh_from_db()
    assert screen.decision == ""


def test_a_screen_is_decided_once(client, chart):
    client.post(address(chart), FITS | {"do": "see"})
    screen = Screen.objects.get()
    client.post(f"/rls/screens/{screen.uuid}/", {"decision": "later"})
    second = client.post(f"/rls/screens/{screen.uuid}/", {"decision": "declined"})
    assert second.status_code == 409
    screen.refresh_from_db()
    assert screen.decision == "later"
    page = Page(client.get(f"/rls/screens/{screen.uuid}/"))
    assert (page.buttons, "Decided:" in page.words) == ([], True)


def test_opening_a_case_twice_from_one_screen_opens_one(client, chart):
    client.post(address(chart), FITS | {"do": "see"})
    screen = Screen.objects.get()
    for _ in range(2):
        assert client.post(f"/rls/screens/{screen.uuid}/", {"decision": "open_case"}).status_code == 302
    assert Case.objects.count() == 1


def test_known_elsewhere_opens_a_case_in_one_input(client, chart):
    response = client.post(address(chart), {"do": "known"})
    case = Case.objects.get()
    assert response.headers["Location"] == f"/rls/cases/{case.uuid}/baseline/"
    assert case.known_elsewhere
    assert not Response.objects.exists()
    assert Screen.objects.get().result == "known"


def test_screening_twice_keeps_both_and_shows_the_newer(client, chart, at):
    client.post(address(chart), {"s1_urge": "no", "do": "see"})
    at(make.NOW + make.days(7))
    client.post(address(chart), FITS | {"do": "see"})
    assert list(Screen.objects.order_by("pk").values_list("result", flat=True)) == ["does_not_fit", "fits"]
    page = Page(client.get(f"/rls/charts/{chart.uuid}/"))
    assert "screen: fits the pattern" in page.words
    assert "Decide on the screen" in page.words


@pytest.mark.parametrize("data", [FITS | {"do": "open"}, {"do": "known"}], ids=["fits", "known"])
def test_where_a_case_is_open_already_nothing_is_doubled(client, user, data):
    case = make.case(user)
    page = Page(client.get(address(case.chart)))
    assert "A case is open for this patient already." in page.words
    response = client.post(address(case.chart), data)
    assert response.headers["Location"] == f"/rls/charts/{case.chart.uuid}/"
    assert Case.objects.get() == case
    assert "A case is open already; nothing was doubled." in Page(client.get(response.headers["Location"])).words


def test_a_screen_with_errors_keeps_everything_that_was_picked(client, chart):
    given = {"s1_urge": "unsure", "s3_move": "same", "s3_past": "no", "s4_clock": "evening", "s5_nights": "lt1"}
    response = client.post(address(chart), given | {"do": "see"})
    assert response.status_code == 422
    page = Page(response)
    assert held(page, given) == sent(given)
    assert page.targets
    assert set(page.targets) <= set(page.ids)
    assert not Screen.objects.exists()


@pytest.mark.parametrize("data", [{}, {"do": "see"}, {"do": "open"}])
def test_a_screen_without_any_answer_is_refused_and_not_stored(client, chart, data):
    response = client.post(address(chart), data)
    assert response.status_code == 422
    assert Page(response).targets[0] == "id_s1_urge_0"
    assert not Screen.objects.exists()


def test_answers_behind_a_no_are_not_kept(client, chart):
    client.post(address(chart), FITS | {"s1_urge": "no", "do": "see"})
    assert Response.objects.get().answers == {"rls_screen.s1_urge": "no"}


@pytest.mark.parametrize("value", ["maybe", "YES", "0", "<script>"])
def test_an_answer_that_is_not_offered_is_refused(client, chart, value):
    response = client.post(address(chart), FITS | {"s1_urge": value, "do": "see"})
    assert response.status_code == 422
    assert not Screen.objects.exists()


@pytest.mark.parametrize("name", ["chart_id", "patient_id", "scope", "result", "screened_by_id"])
def test_names_that_are_no_question_change_nothing(client, chart, name):
    """AZ-7, part: whom it is about comes from the address and the session."""
    client.post(address(chart), FITS | {"do": "see", name: "1"})
    screen = Screen.objects.get()
    assert (screen.chart, screen.result, screen.screened_by_name) == (chart, "fits", "Dana Whitfield")


def test_who_may_screen_and_not_open_a_case_leaves_none(client, chart, settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{adapters.HERE}.NoCases"}
    response = client.post(address(chart), FITS | {"do": "open"})
    assert response.status_code == 403
    assert not Case.objects.exists()


def test_the_screen_speaks_spanish_where_the_browser_does(client, chart):
    page = Page(client.get(address(chart), headers={"accept-language": "es"}))
    assert "¿Alguna vez las piernas le hacen sentir que tiene que moverlas?" in page.words
