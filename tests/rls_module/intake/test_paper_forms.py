"""Scores of a licensed form from paper: numbers in, a total with its band out, and no word of the form anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Measurement, Response
from rls_module.intake import actions
from rls_module.knowledge.instruments import loading
from rls_module.library import actions as library_actions
from rls_module.outcomes import queries as outcome_queries
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]
DAY = timedelta(days=1)


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


def address(case, key: str = "") -> str:
    return f"/rls/cases/{case.uuid}/forms/" + (f"{key}/" if key else "")


def today(at=make.NOW) -> str:
    return at.date().isoformat()


def numbers(value: int, *, of: int = 10) -> dict[str, str]:
    return {f"i{place}": str(value) for place in range(1, of + 1)}


def sheet(on: str = "", **given: str) -> dict[str, str]:
    return {"on": on or today(), "language": "en", **given}


def measured() -> dict[str, float]:
    return dict(Measurement.objects.filter(response__state="final").values_list("measure", "value"))


def scales(case, at=make.NOW):
    return outcome_queries.chart_page(case.chart, now=at, language="en").scales


def test_every_form_without_words_is_offered(client, case):
    page = client.get(address(case)).content.decode()
    assert [key for key, _version in loading.skeletons() if f"/forms/{key}/" not in page] == []


def test_a_form_shows_numbers_of_items_and_no_words(client, case):
    page = Page(client.get(address(case, "irls")))
    assert {"id_i1_0", "id_i10_4"} < set(page.ids)
    assert not {"id_i1_5", "id_i11_0"} & set(page.ids)
    words = loading.skeleton("irls").words("en")
    assert [one.text for one in words.items.values()] == [f"Item {place}" for place in range(1, 11)]
    assert {one for item in words.items.values() for one in item.options.values()} == set("01234")


def test_the_total_is_kept_with_its_sitting_and_its_band_is_on_the_chart(client, case, user):
    answered = client.post(address(case, "irls"), sheet(**{**numbers(2), "i1": "4", "i2": "4"}))
    assert answered.headers["Location"] == f"/rls/charts/{case.chart.uuid}/"
    row = Response.objects.get()
    assert (row.mode, row.instruments, row.language) == ("paper", {"irls": 1}, "en")
    assert (row.respondent_role, row.entered_by_id, row.answers["irls.i1"]) == ("patient", user.pk, 4)
    assert measured() == {"irls:total": 24}
    chart = client.get(f"/rls/charts/{case.chart.uuid}/").content.decode()
    assert "<b>24</b>" in chart
    assert "severe" in chart
    assert AuditEvent.objects.filter(verb="response.create", object_id=str(row.uuid), fields=["answers"]).count() == 1


def test_a_form_that_is_not_whole_has_no_total_and_says_how_much_was_answered(client, case):
    client.post(address(case, "irls"), sheet(**numbers(2, of=7)))
    assert measured() == {}
    row = Response.objects.get()
    assert {name for name, why in row.missing.items() if why == "skipped"} == {"irls.i8", "irls.i9", "irls.i10"}
    assert scales(case)[0].sittings[0].cells[0].band == "7/10 answered, no total"


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ({}, ""),
        (sheet(), ""),
        (sheet(**{**numbers(2), "i3": "5"}), "id_i3_0"),
        (sheet(on="2999-01-01", **numbers(2)), "id_on"),
        (sheet(on="1899-01-01", **numbers(2)), "id_on"),
        ({**sheet(**numbers(2)), "language": "xx"}, "id_language_0"),
    ],
)
def test_what_cannot_stand_is_said_and_nothing_is_kept(client, case, given, target):
    answered = client.post(address(case, "irls"), given)
    assert answered.status_code == 422
    assert not target or f'href="#{target}"' in answered.content.decode()
    assert not Response.objects.exists()


def test_a_form_nobody_ships_is_not_found(client, case):
    assert client.get(address(case, "rls_checkin")).status_code == 404


def test_entered_again_for_the_day_it_takes_the_place_and_another_day_stands_beside(client, case):
    before = (make.NOW - 7 * DAY).date().isoformat()
    for on, value in ((before, 3), (today(), 1), (today(), 2)):
        client.post(address(case, "irls"), sheet(on, **numbers(value)))
    assert sorted(Response.objects.values_list("state", flat=True)) == ["final", "final", "superseded"]
    (irls,) = scales(case)
    assert [(one.on.isoformat(), one.cells[0].text) for one in irls.sittings] == [(today(), "20"), (before, "30")]
    assert Measurement.objects.filter(at__date=before).count() == 1
    cell = irls.sittings[0].cells[0]
    assert (cell.change.delta, cell.change.verdict, cell.counts_text) == (-10, "better", "counts from 5")


def test_the_clinic_chooses_from_how_many_points_the_irls_counts(client, case, user):
    for on, value in (((make.NOW - DAY).date().isoformat(), 3), (today(), 2)):
        client.post(address(case, "irls"), sheet(on, **{**numbers(2), "i1": str(value), "i2": str(value)}))
    assert scales(case)[0].sittings[0].cells[0].change.verdict == "little"
    policy(case, irls_counts_from=3)
    assert scales(case)[0].sittings[0].cells[0].counts_text == "counts from 3"


def test_the_ears_has_no_total_until_the_clinic_says_which_items_run_in_reverse(client, case):
    client.post(address(case, "ears"), sheet(**{**numbers(4, of=6), "i1": "1"}))
    assert measured() == {}
    assert "has not said" in scales(case)[0].sittings[0].cells[0].band
    policy(case, ears_reversed=[1, 6])
    client.post(address(case, "ears"), sheet(**{**numbers(4, of=6), "i1": "1"}))
    assert measured() == {"ears:total": 3 + 4 * 4 + 0}


def policy(case, **values):
    library_actions.save_policy(
        scope=case.chart.scope, seen=1, values=values, actor=make.actor(make.therapist()), now=make.NOW
    )


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [
        ("rls6", numbers(7, of=6), {f"rls6:i{place}": 7 for place in range(1, 7)}),
        ("rls_qol", {"summary": "62,5"}, {"rls_qol:summary": 62.5}),
        ("isi", numbers(3, of=7), {"isi:total": 21}),
        ("ess", numbers(1, of=8), {"ess:total": 8}),
        ("psqi", {f"c{place}": "1" for place in range(1, 8)}, {"psqi:total": 7}),
        ("cgi_i", {"i1": "2"}, {"cgi_i:i1": 2}),
        ("cgi_s", {"i1": "5"}, {"cgi_s:i1": 5}),
    ],
)
def test_each_form_is_measured_as_it_is_scored(client, case, key, given, expected):
    client.post(address(case, key), sheet(**given))
    assert measured() == expected
    assert Response.objects.get().respondent_role == ("clinician" if key.startswith("cgi") else "patient")


def test_what_was_entered_can_be_read_again(client, case):
    client.post(address(case, "rls_qol"), sheet(summary="62.5"))
    page = client.get(f"/rls/responses/{Response.objects.get().uuid}/").content.decode()
    assert "62.5" in page


def test_answers_that_a_form_does_not_have_are_refused_at_the_door_behind_the_page(case, user):
    asked = {"case": case, "instrument": loading.skeleton("irls"), "on": make.NOW.date(), "language": "en"}
    for answers in ({}, {"i1": 5}, {"i11": 1}):
        with pytest.raises(ValueError, match="do not stand"), translation.override("en"):
            actions.record_scores(**asked, answers=answers, actor=make.actor(user), now=make.NOW)
