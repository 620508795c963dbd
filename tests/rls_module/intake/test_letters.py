"""Letters to print: what they say, in both languages, what they never say, and who is told that one left."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.intake import actions
from tests import factories as make
from tests.contracts import narrower
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

LANGUAGES = ("en", "es")


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user, make.patient(user, given="Quenby", family="Overmyer"))


def letter(client, address: str, language: str = "en") -> Page:
    response = client.get(address, {"language": language})
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()
    return Page(response)


def iron(case) -> str:
    return f"/rls/cases/{case.uuid}/letters/iron/"


def prescriber(case) -> str:
    return f"/rls/cases/{case.uuid}/letters/prescriber/"


def warned(case, user) -> None:
    """A medicine that may worsen, one with a side effect to tell of, and one with nothing to tell."""
    make.medicine(case, user, name="Mirtazapine", code="mirtazapine", dose="15 mg", side_effects=[])
    make.medicine(case, user, name="Ropinirole", code="ropinirole", side_effects=["sudden_sleep", "nausea"])
    make.medicine(case, user, name="Vitamin D", code="", side_effects=[])


# --- Iron


def test_the_physician_is_asked_with_timing_thresholds_and_their_source(client, case):
    """Domain 3.2 and 3.4."""
    words = letter(client, iron(case)).words
    for said in (
        "serum ferritin and transferrin saturation", "at least 24 hours before", "75 ng/mL or lower", "below 20 %",
        "above 75 and not above 100 ng/mL", "a consensus that was not tested in trials", "10.5664/jcsm.11390",
        "I know of no iron values yet.", "Quenby Overmyer", "March 2, 1968", "Riverside Physical Therapy", "555-0100",
    ):  # fmt: skip
        assert said in words


def test_the_values_at_hand_stand_with_unit_day_and_source(client, case, user):
    """Domain 3.3: as they stood on the report; one entered in error is not among them."""
    make.labs(case, user, on=make.TODAY - make.days(30), ferritin=(Decimal(500), "pmol/L"))
    wrong = make.labs(case, user, ferritin=(Decimal(999), "ng/mL"))
    actions.void_labs(panel=wrong, reason="another patient", actor=make.actor(user), now=make.NOW)
    words = letter(client, iron(case)).words
    assert "Aug. 8, 2026" in words
    assert "500 pmol/L" in words
    assert "document seen" in words
    assert "999" not in words
    assert "8 de agosto de 2026" in letter(client, iron(case), "es").words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (None, "raise the question of restless legs syndrome"),
        ({"e5": None}, "raise the question of restless legs syndrome"),
        ({}, "are consistent with restless legs syndrome"),
        ({"e1": {"current": "no"}}, "not consistent with restless legs syndrome alone"),
    ],
)
def test_a_letter_says_how_the_criteria_stand_and_never_diagnosed(client, case, user, values, words):
    if values is not None:
        make.review(case, user, **values)
    said = letter(client, iron(case)).words
    assert words in said
    assert "diagnosed" not in said


# --- The prescriber


def test_the_prescriber_is_told_for_discussion(client, case, user):
    """Domain 4.3 and 4.5: what may worsen and what must be told, and nothing else."""
    warned(case, user)
    words = letter(client, prescriber(case)).words
    assert "For discussion" in words
    assert "Mirtazapine, 15 mg" in words
    assert "has been reported to worsen restless legs in some people" in words
    assert "reported with it: Falling asleep suddenly" in words
    assert "Vitamin D" not in words
    assert "nausea" not in words.lower()


def test_signs_of_augmentation_are_told_while_nobody_has_dealt_with_them(client, case):
    """Domain 4.4: as signs, not as a judgement."""
    make.task(case, kind="alert", rule="augmentation_watch", list=["start", "med_extra"], n=2)
    words = letter(client, prescriber(case)).words
    assert "start clearly earlier in the day" in words
    assert "don't show it by themselves" in words
    assert "moved to parts of the body" not in words


PATTERN = {"most_days": "yes", "unexplained": "yes", "earlier_response": "yes", "start_before": 20 * 60}


@pytest.mark.parametrize(
    ("language", "result", "earlier", "question"),
    [
        (
            "en",
            "The answers fit the pattern of augmentation",
            "start 4.5 hours earlier in the day",
            "Worse on at least 5",
        ),
        ("es", "corresponden al patrón de potenciación", "4.5 horas más temprano", "Peor al menos 5"),
    ],
)
def test_a_screen_for_augmentation_is_told_with_what_was_answered(  # noqa: PLR0917
    client, case, user, language, result, earlier, question
):
    """Domain 4.4."""
    make.medicine(case, user, name="Pramipexole", code="pramipexole", side_effects=[])
    make.augmentation_screen(case, user, **PATTERN, start_now=15 * 60 + 30)
    words = letter(client, prescriber(case), language).words
    assert result in words
    assert earlier in words
    assert question in words
    assert "Pramipexole" in words
    assert "diagnos" not in words


def test_a_screen_that_leaves_it_open_is_told_until_a_later_one_does_not(client, case, user):
    """Domain 4.4: the newest counts."""
    make.medicine(case, user, name="Pramipexole", code="pramipexole", side_effects=[])
    make.augmentation_screen(case, user, most_days="yes", unexplained="yes", earlier_response="unknown")
    assert "leave it open whether there is augmentation" in letter(client, prescriber(case)).words
    make.augmentation_screen(case, user, most_days="no", now=make.NOW + make.days(1))
    assert client.get(prescriber(case)).status_code == 409


def test_worse_legs_with_a_medicine_are_told(client, case, user):
    make.medicine(case, user, name="Pramipexole", code="pramipexole", side_effects=["worse_legs"])
    assert "reported with it: Worse legs" in letter(client, prescriber(case)).words


def test_where_nothing_stands_there_is_no_letter(client, case, user):
    make.medicine(case, user, name="Mirtazapine", code="mirtazapine", side_effects=[], stopped_on=make.TODAY)
    assert client.get(prescriber(case)).status_code == 409
    assert client.post(prescriber(case)).status_code == 409, "nothing was handed over"
    assert prescriber(case) not in Page(client.get(f"/rls/cases/{case.uuid}/referrals/")).links
    warned(case, user)
    assert prescriber(case) in Page(client.get(f"/rls/cases/{case.uuid}/referrals/")).links


# --- The referral


def test_the_referral_says_what_was_found_how_soon_and_by_whom(client, case, user):
    referral = make.referral(case, user, red_flags=["calf", "one_side"], urgency="now")
    address = f"/rls/referrals/{referral.uuid}/letter/"
    words = letter(client, address).words
    for said in (
        "To: Dr Lindqvist, family physician",
        "One calf that is hot",
        "canary reason",
        "see the patient today",
    ):
        assert said in words
    assert "Dana Whitfield PT" in words
    spanish = letter(client, address, "es").words
    assert "Una pantorrilla caliente" in spanish
    assert "vea al paciente hoy" in spanish


# --- All of them


@pytest.fixture
def letters(case, user) -> list[str]:
    warned(case, user)
    make.task(case, kind="alert", rule="augmentation_watch", list=["start", "spread", "worst", "med_extra"], n=4)
    referral = make.referral(case, user, red_flags=["weight"], reason="Seen.")
    return [iron(case), prescriber(case), f"/rls/referrals/{referral.uuid}/letter/"]


def test_no_letter_says_to_change_a_medicine(client, letters):
    """Domain 4: a physical therapist records and tells."""
    never = ("stop", "discontinu", "taper", "reduce", "diagnosed", "caused", "deje de", "suspend", "causad")
    for address in letters:
        for language in LANGUAGES:
            words = letter(client, address, language).words.lower()
            assert [one for one in never if one in words] == [], address


def test_a_letter_is_read_only_by_who_may_read_all_of_it(client, letters, settings):
    """AZ-2: how the criteria stand is on each of them."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    for address in letters:
        assert client.get(address).status_code == 200
        with narrower.without("intake.view"):
            assert client.get(address).status_code in (403, 404)


def test_nobody_is_named_in_an_address(client, letters):
    """PV-2, part."""
    for address in letters:
        page = letter(client, address)
        assert "Quenby" in page.words
        assert not any("Quenby" in link or "Overmyer" in link for link in page.links)


def test_a_language_that_no_letter_has_is_english(client, case):
    response = client.get(iron(case), {"language": "../../x"})
    assert '<html lang="en"' in response.content.decode()


def test_looking_is_a_read_and_handing_over_a_deed_of_its_own(client, letters, case):
    """AU-1, AU-2: which letter and in which language; nothing of what stands in it."""
    for address in letters:
        before = AuditEvent.objects.count()
        letter(client, address)
        assert AuditEvent.objects.count() == before + 1
        response = client.post(address, {"language": "es"})
        assert response.headers["Location"] == f"/rls/cases/{case.uuid}/referrals/"
    handed = AuditEvent.objects.filter(purpose__startswith="handed over")
    assert list(handed.order_by("pk").values_list("verb", "purpose")) == [
        ("contact.create", "handed over: letter iron es"),
        ("contact.create", "handed over: letter prescriber es"),
        ("contact.create", "handed over: letter referral es"),
    ]
    assert set(handed.values_list("patient", flat=True)) == {str(case.chart.patient_id)}
