"""The baseline as it is taken in the room: nothing typed is lost, a week without symptoms is a zero that says so."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Activity, Consent, Measurement, Response
from tests import factories as make
from tests.rls_module.host.pages import Page, held, sent, signed_in
from tests.rls_module.intake.sheets import BASELINE

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

PREFIX = "rls_checkin:"
SECOND = {"activity2-text": "dinner with friends", "activity2-score": "0", "activity3-text": "a long bus ride"}


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user, mail=False, needling=False)


def address(case) -> str:
    return f"/rls/cases/{case.uuid}/baseline/"


def measured() -> dict[str, tuple[float, bool]]:
    rows = Measurement.objects.filter(subject="").values_list("measure", "value", "derived")
    return {measure.removeprefix(PREFIX): (value, derived) for measure, value, derived in rows}


def without(*names: str) -> dict:
    return {name: value for name, value in BASELINE.items() if name not in names}


def test_a_baseline_is_kept_as_answers_and_as_measurements(client, case, user):
    response = client.post(address(case), BASELINE)
    assert response.headers["Location"] == f"/rls/charts/{case.chart.uuid}/"
    row = Response.objects.get()
    assert (row.case, row.phase, row.mode, row.entered_by_id) == (case, "baseline", "in_room", user.pk)
    assert row.answers == {
        "rls_checkin.nights": 6,
        "rls_checkin.worst": 8,
        "rls_checkin.usual": 6,
        "rls_checkin.start": 1200,
        "rls_checkin.places": ["feet", "lower_legs"],
        "rls_checkin.awake": 4,
        "rls_checkin.rested": 1,
        "rls_checkin.tired": 5,
        "rls_checkin.activity.1": 3,
    }
    assert {name: measured()[name] for name in ("nights", "worst", "usual", "start", "awake", "rested", "tired")} == {
        "nights": (6, False),
        "worst": (8, False),
        "usual": (6, False),
        "start": (1200, False),
        "awake": (4, False),
        "rested": (1, False),
        "tired": (5, False),
    }


def test_a_week_without_symptoms_is_zero_and_says_that_it_was_not_asked(client, case):
    """Content 3.1: those who got well must not drop out of every median."""
    client.post(address(case), {"nights": "0", "rested": "7", "tired": "0"})
    assert {name: measured().get(name) for name in ("nights", "worst", "usual", "awake", "start")} == {
        "nights": (0, False),
        "worst": (0, True),
        "usual": (0, True),
        "awake": (0, True),
        "start": None,
    }
    answers, missing = Response.objects.values_list("answers", "missing").get()
    assert "rls_checkin.worst" not in answers
    assert missing["rls_checkin.start"] == "not_asked"


def test_answers_behind_a_zero_are_not_kept(client, case):
    client.post(address(case), BASELINE | {"nights": "0"})
    assert "rls_checkin.worst" not in Response.objects.get().answers
    assert measured()["worst"] == (0, True)


def test_what_was_left_open_is_skipped_and_never_zero(client, case):
    client.post(address(case), {"nights": "3", "worst": "5"})
    assert set(measured()) == {"nights", "worst"}
    assert Response.objects.get().missing["rls_checkin.rested"] == "skipped"


ERRORS = {
    "no nights": (without("nights") | SECOND, "id_nights_0"),
    "no worst": (without("worst") | SECOND | {"agrees": "no"}, "id_worst_0"),
    "a score without its activity": (without("activity1-text") | {"agrees": "yes"}, "id_activity1-text"),
    "an activity that is too long": (BASELINE | {"activity2-text": "x" * 61}, "id_activity2-text"),
    "words for another place that are too long": (
        BASELINE | {"places": ["lower_legs", "other"], "places.other": "y" * 301, "agrees": "later"},
        "id_places.other",
    ),
}


@pytest.mark.parametrize(("given", "target"), ERRORS.values(), ids=ERRORS)
def test_a_baseline_with_errors_keeps_everything_that_was_typed(client, case, given, target):
    response = client.post(address(case), given)
    assert response.status_code == 422
    page = Page(response)
    assert {name: set(values) for name, values in held(page, given).items()} == {
        name: set(values) for name, values in sent(given).items()
    }
    assert target in page.targets
    assert set(page.targets) <= set(page.ids)
    assert "Nothing you typed was lost." in page.words
    assert (Response.objects.count(), Activity.objects.count(), Consent.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("text", ["<b>", "\"'&", "naïve – ✓", "a\nb"])
def test_what_was_typed_comes_back_as_it_was(client, case, text):
    """AP-4, part: escaped, not changed."""
    given = without("nights") | {"activity1-text": text}
    page = Page(client.post(address(case), given))
    assert page.sends["activity1-text"] == [text]


def test_activities_are_kept_in_the_patients_words_with_their_scores(client, case):
    client.post(address(case), BASELINE | SECOND)
    assert list(Activity.objects.order_by("position").values_list("position", "text")) == [
        (1, "sit through a film"),
        (2, "dinner with friends"),
        (3, "a long bus ride"),
    ]
    scores = dict(Measurement.objects.filter(measure="rls_checkin:activity").values_list("subject", "value"))
    uuids = {row.text: str(row.uuid) for row in Activity.objects.all()}
    assert scores == {uuids["sit through a film"]: 3.0, uuids["dinner with friends"]: 0.0}


def test_an_empty_place_between_activities_leaves_no_hole(client, case):
    client.post(address(case), without("activity1-text", "activity1-score") | SECOND)
    assert list(Activity.objects.order_by("position").values_list("position", "text")) == [
        (1, "dinner with friends"),
        (2, "a long bus ride"),
    ]
    assert Measurement.objects.get(measure="rls_checkin:activity").value == 0


def test_the_same_activity_written_twice_does_not_break_the_page(client, case):
    given = BASELINE | {"activity2-text": "sit through a film", "activity2-score": "5"}
    assert client.post(address(case), given).status_code in (302, 422)
    assert client.post(address(case), given).status_code in (302, 422)


def test_no_activity_need_be_named(client, case):
    client.post(address(case), without("activity1-text", "activity1-score"))
    assert not Activity.objects.exists()
    assert Response.objects.exists()


@pytest.mark.parametrize(("agrees", "count"), [("yes", 1), ("no", 0), ("later", 0), (None, 0)])
def test_mail_is_agreed_to_only_by_a_yes(client, case, agrees, count):
    client.post(address(case), BASELINE | ({"agrees": agrees} if agrees else {}))
    assert Consent.objects.filter(purpose="email", withdrawn_at=None).count() == count


def test_who_has_agreed_already_is_not_asked_again(client, user):
    case = make.case(user)
    assert "agree to get short forms by mail" not in Page(client.get(address(case))).words


def test_only_a_word_records_or_withdraws_consent(client, case):
    """Agreeing is said, never left open: a post without a yes records nothing."""
    here = f"/rls/charts/{case.chart.uuid}/consent/"
    client.post(here, {})
    client.post(here, {"agrees": "perhaps"})
    assert not Consent.objects.exists()
    client.post(here, {"agrees": "yes"})
    assert Consent.objects.filter(withdrawn_at=None).count() == 1
    client.post(here, {"agrees": "no"})
    assert not Consent.objects.filter(withdrawn_at=None).exists()
    assert Consent.objects.count() == 1, "the record stays"


def test_an_empty_post_shows_what_is_needed(client, case):
    response = client.post(address(case), {"x": "1"})
    assert response.status_code == 422
    assert "id_nights_0" in Page(response).targets


def test_the_page_asks_with_nothing_picked(client, case):
    page = Page(client.get(address(case)))
    assert {name: value for name, value in page.sends.items() if name != "csrfmiddlewaretoken"} == {}
