"""The note as a therapist writes it: nothing typed is lost, whatever is wrong with it or whoever else was faster."""

from __future__ import annotations

import pytest

from clinic.models import Visit as HostVisit
from rls_module.cases.models import Signature
from rls_module.visits.models import NeedlingSite, Visit
from tests import factories as make
from tests.rls_module.host import adapters
from tests.rls_module.host.pages import Page, held, sent, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

NOTE = {
    "visit_date": "2026-09-07",
    "since_last": "better",
    "nights": "4",
    "reaction": "other",
    "reaction_note": "Bruise at the calf.",
    "safety": "changed",
    "safety_note": "New anticoagulant.",
    "findings": "Tender band in the soleus.\nRight more than left.",
    "needles_out": "3",
    "aftercare_given": "on",
    "response": "Less pull <b>&</b> easier to stand.",
    "timed_minutes": "30",
    "total_minutes": "45",
    "next_time": "Add the foot.",
}
ROWS = {
    "site-TOTAL_FORMS": "2",
    "site-INITIAL_FORMS": "0",
    **{f"{block}-{part}_FORMS": "0" for block in ("point", "exercise") for part in ("TOTAL", "INITIAL")},
}
SITE = {
    "site-0-muscle": "soleus",
    "site-0-side": "L",
    "site-0-technique": "deep_pistoning",
    "site-0-needle": "0.30x60",
    "site-0-needles_in": "3",
    "site-0-twitch": "on",
    "site-0-minutes": "5",
}


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


@pytest.fixture
def visit(client, case) -> Visit:
    """A note just begun."""
    client.post(f"/rls/cases/{case.uuid}/visits/", {"x": "1"})
    return Visit.objects.get()


def post(client, visit, do: str, *, seen: int | None = None, **changes):
    """Send the whole form; a value of None is left out."""
    version = visit.version if seen is None else seen
    form = NOTE | ROWS | SITE | {"version": str(version), "do": do} | changes
    return client.post(f"/rls/visits/{visit.uuid}/", {key: value for key, value in form.items() if value is not None})


def colleague_of(case):
    colleague = make.therapist()
    case.chart.patient.therapists.add(colleague)
    return colleague


# --- Beginning a note


def test_a_note_for_today_is_begun_in_one_tap(client, case, user):
    response = client.post(f"/rls/cases/{case.uuid}/visits/", {"x": "1"})
    visit = Visit.objects.get()
    assert response.headers["Location"] == f"/rls/visits/{visit.uuid}/"
    assert (visit.visit_date, visit.host_visit, visit.status, visit.author_id) == (make.TODAY, "", "draft", user.pk)


def test_the_clinics_day_counts_and_not_the_servers(client, case, at):
    at(make.NOW.replace(hour=2))  # still Sunday in New York
    client.post(f"/rls/cases/{case.uuid}/visits/", {"x": "1"})
    assert Visit.objects.get().visit_date == make.TODAY - make.days(1)


def host_visit(case, **values) -> HostVisit:
    person = case.chart.patient
    defaults = {"clinic": person.clinic, "patient": person, "starts_at": make.NOW.replace(hour=2)}
    return HostVisit.objects.create(**defaults | values)


def test_a_note_begun_from_the_hosts_visit_takes_its_date_in_the_clinics_zone(client, case):
    ref = f"clinic.visit:{host_visit(case).pk}"
    client.post(f"/rls/cases/{case.uuid}/visits/", {"visit": ref})
    visit = Visit.objects.get()
    assert (visit.host_visit, visit.visit_date) == (ref, make.TODAY - make.days(1))
    assert visit.visit_started_at == make.NOW.replace(hour=2)


def test_the_same_visit_begun_twice_is_one_note(client, case):
    ref = f"clinic.visit:{host_visit(case).pk}"
    first, second = (client.post(f"/rls/cases/{case.uuid}/visits/", {"visit": ref}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Visit.objects.count() == 1


def test_a_visit_without_a_known_start_is_remembered_all_the_same(client, case, settings):
    """Host contract 4: visit_start may answer None; the reference is what tells charted from not charted."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{adapters.HERE}.Timeless"}
    ref = f"clinic.visit:{host_visit(case).pk}"
    for _ in range(2):
        client.post(f"/rls/cases/{case.uuid}/visits/", {"visit": ref})
    assert list(Visit.objects.values_list("host_visit", "visit_date")) == [(ref, make.TODAY)]


def test_another_patients_visit_does_not_exist_here(client, case, user):
    """AZ-6, part: own case, foreign visit of the host; a colleague's, the user's own other patient's, a walk-in's."""
    foreign = [
        host_visit(make.case(user)),
        host_visit(case, patient=make.patient(make.therapist())),
        host_visit(case, patient=None),
    ]
    for one in foreign:
        response = client.post(f"/rls/cases/{case.uuid}/visits/", {"visit": f"clinic.visit:{one.pk}"})
        assert response.status_code == 404
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "ref",
    ["nonsense", "clinic.visit:", "clinic.visit:0", "clinic.visit:x", "auth.user:{user}", "clinic.patient:{patient}"],
)
def test_a_reference_to_no_visit_is_a_404(client, case, user, ref):
    """AZ-4, part: what is sent is no authority."""
    ref = ref.format(user=user.pk, patient=case.chart.patient_id)
    response = client.post(f"/rls/cases/{case.uuid}/visits/", {"visit": ref})
    assert response.status_code == 404
    assert not Visit.objects.exists()


# --- Saving


def test_a_draft_is_saved_as_it_was_typed(client, visit):
    response = post(client, visit, "save")
    assert response.headers["Location"] == f"/rls/visits/{visit.uuid}/"
    visit.refresh_from_db()
    assert (visit.status, visit.since_last, visit.nights, visit.needles_out, visit.aftercare_given) == (
        "draft", "better", 4, 3, True
    )  # fmt: skip
    site = NeedlingSite.objects.get()
    assert (site.muscle, site.side, site.technique, str(site.gauge_mm), site.length_mm) == (
        "soleus", "L", "deep_pistoning", "0.30", 60
    )  # fmt: skip
    assert (site.needles_in, site.twitch, site.minutes) == (3, True, 5)
    page = Page(client.get(f"/rls/visits/{visit.uuid}/"))
    assert held(page, NOTE | SITE) == sent(NOTE | SITE)


def test_an_empty_draft_may_be_saved_and_left(client, visit):
    response = client.post(
        f"/rls/visits/{visit.uuid}/", ROWS | {"visit_date": "2026-09-07", "version": "1", "do": "leave"}
    )
    assert response.headers["Location"] == f"/rls/charts/{visit.chart.uuid}/"


def test_adding_a_muscle_saves_and_offers_an_empty_row(client, visit):
    page = Page(client.get(post(client, visit, "add").headers["Location"]))
    assert "site-1-muscle" in page.ids or "id_site-1-muscle" in page.ids
    assert not page.sends["site-1-muscle"]


def test_a_dropped_row_is_gone(client, visit):
    post(client, visit, "save")
    visit.refresh_from_db()
    post(client, visit, "save", **{"site-0-drop": "on"})
    assert not NeedlingSite.objects.exists()


@pytest.mark.parametrize(
    ("typed", "muscle", "side"),
    [("sol l", "soleus", "L"), ("SOL", "soleus", ""), ("ta r", "tibialis_anterior", "R"), ("b soleus", "soleus", "B")],
)
def test_what_is_typed_for_a_muscle_may_be_short(client, visit, typed, muscle, side):
    post(client, visit, "save", **{"site-0-muscle": typed, "site-0-side": None})
    assert NeedlingSite.objects.values_list("muscle", "side").get() == (muscle, side)


def test_a_tapped_side_stands_against_a_typed_one(client, visit):
    post(client, visit, "save", **{"site-0-muscle": "sol l", "site-0-side": "R"})
    assert NeedlingSite.objects.get().side == "R"


ERRORS = {
    "no such muscle": ({"site-0-muscle": "bicycle"}, "id_site-0-muscle", "No muscle is called “bicycle”."),
    "several muscles": ({"site-0-muscle": "gastroc"}, "id_site-0-muscle", "“gastroc” could be: "),
    "a row without its muscle": ({"site-0-muscle": ""}, "id_site-0-muscle", "Write which muscle this row is for"),
    "no date": ({"visit_date": ""}, "id_visit_date", ""),
    "a date that there is not": ({"visit_date": "2026-02-31"}, "id_visit_date", ""),
    "minutes in words": ({"timed_minutes": "half an hour"}, "id_timed_minutes", ""),
    "too many minutes": ({"total_minutes": "301"}, "id_total_minutes", ""),
    "fewer than no needles": ({"needles_out": "-1"}, "id_needles_out", ""),
    "a needle that is not sold": ({"site-0-needle": "9x9"}, "id_site-0-needle", ""),
    "eight nights": ({"nights": "8"}, "id_nights_0", ""),
    "a note that is too long": ({"findings": "x" * 4001}, "id_findings", ""),
    "too many needles": ({"site-0-needles_in": "41"}, "id_site-0-needles_in", ""),
}


@pytest.mark.parametrize("case_of", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("do", ["save", "sign"])
def test_a_note_with_errors_keeps_everything_that_was_typed(client, visit, do, case_of):
    wrong, target, sentence = case_of
    response = post(client, visit, do, **wrong)
    assert response.status_code == 422
    page = Page(response)
    typed = NOTE | SITE | wrong
    lost = {"8", "9x9"}  # not on offer: a browser cannot have sent it
    expected = {name: value for name, value in sent(typed).items() if not lost & set(value)}
    assert {name: page.sends[name] for name in expected} == expected
    assert target in page.targets
    assert set(page.targets) <= set(page.ids)
    assert sentence in page.words
    visit.refresh_from_db()
    assert (visit.version, visit.status, visit.findings) == (1, "draft", "")


def test_an_ambiguous_muscle_lists_whom_it_could_mean(client, visit):
    words = Page(post(client, visit, "save", **{"site-0-muscle": "gastroc"})).words
    assert "aput mediale" in words
    assert "aput laterale" in words


def test_more_rows_than_a_note_may_have_are_refused(client, visit):
    rows = {f"site-{number}-muscle": "soleus" for number in range(41)}
    response = post(client, visit, "save", **rows, **{"site-TOTAL_FORMS": "41"})
    assert response.status_code == 422
    assert Page(response).targets or "40" in Page(response).words, "and says why"


@pytest.mark.parametrize("count", ["", "x", "100000"])
def test_a_tampered_row_count_is_refused_and_nothing_is_written(client, visit, count):
    assert post(client, visit, "save", **{"site-TOTAL_FORMS": count}).status_code == 422
    visit.refresh_from_db()
    assert visit.version == 1


# --- Two editors


def test_who_saves_later_sees_both_and_keeps_what_was_typed(client, visit):
    """DI-1, part: a page with what is stored now, above the user's own text."""
    post(client, visit, "save", seen=1, findings="Typed in the first window.")
    response = post(client, visit, "save", seen=1, findings="Typed in the second window.")
    assert response.status_code == 409
    page = Page(response)
    assert "This note was saved somewhere else in the meantime" in page.words
    assert "Typed in the first window." in page.words
    typed = NOTE | SITE | {"findings": "Typed in the second window."}
    assert held(page, typed) == sent(typed)
    visit.refresh_from_db()
    assert visit.findings == "Typed in the first window."
    assert page.sends["version"] == [str(visit.version)], "saving again replaces it, knowingly"
    again = post(client, visit, "save", seen=visit.version, findings="Typed in the second window.")
    assert again.status_code == 302
    visit.refresh_from_db()
    assert visit.findings == "Typed in the second window."


def test_saving_again_after_a_conflict_loses_no_muscle(client, visit):
    """DI-1, part: both windows held the same row; the page that shows the conflict is sent again as it stands."""
    post(client, visit, "save", seen=1)
    page = Page(post(client, visit, "save", seen=1, findings="Typed in the second window."))
    response = client.post(f"/rls/visits/{visit.uuid}/", page.sends | {"do": "save"})
    assert response.status_code == 302
    assert NeedlingSite.objects.values_list("muscle", "side", "needles_in").get() == ("soleus", "L", 3)


def test_signing_an_older_version_is_a_conflict_and_signs_nothing(client, visit):
    post(client, visit, "save", seen=1)
    assert post(client, visit, "sign", seen=1).status_code == 409
    assert not Signature.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "99", "\N{SUPERSCRIPT TWO}", "9" * 30])
def test_a_version_that_nobody_has_is_a_conflict(client, visit, version):
    assert post(client, visit, "save", version=version).status_code == 409
    visit.refresh_from_db()
    assert visit.version == 1


# --- Signing

LACKS = {
    "since_last": ({"since_last": None}, "id_since_last_0"),
    "reaction": ({"reaction": None}, "id_reaction_0"),
    "reaction note": ({"reaction_note": ""}, "id_reaction_note"),
    "safety": ({"safety": None}, "id_safety_0"),
    "safety note": ({"safety_note": ""}, "id_safety_note"),
    "response": ({"response": ""}, "id_response"),
    "next time": ({"next_time": " "}, "id_next_time"),
    "timed minutes": ({"timed_minutes": ""}, "id_timed_minutes"),
    "total minutes": ({"total_minutes": ""}, "id_total_minutes"),
    "total below timed": ({"total_minutes": "29"}, "id_total_minutes"),
    "nothing done": (dict.fromkeys(SITE) | {"needles_out": ""}, "id_no_treatment_because"),
    "no side": ({"site-0-side": None}, "id_site-0-side_0"),
    "no needles in": ({"site-0-needles_in": ""}, "id_site-0-needles_in"),
    "needles out not counted": ({"needles_out": ""}, "id_needles_out"),
    "a needle is missing": ({"needles_out": "2"}, "id_needles_out"),
    "a needle too many": ({"needles_out": "4"}, "id_needles_out"),
    "nobody was searched": ({"needles_out": "2", "discrepancy_note": "Not found."}, "id_patient_checked"),
    "no incident": ({"needles_out": "2", "discrepancy_note": "Not found.", "patient_checked": "on"}, "id_incident"),
}


@pytest.mark.parametrize(("changes", "target"), LACKS.values(), ids=LACKS)
def test_a_signature_is_refused_with_a_way_to_the_field_that_mends_it(client, visit, changes, target):
    """DI-3, part: the draft is saved, not signed, and each line of the summary leads to a control that is there."""
    response = post(client, visit, "sign", **changes)
    assert response.status_code == 422
    page = Page(response)
    assert "Before you can sign:" in page.words
    assert target in page.targets
    assert set(page.targets) <= set(page.ids)
    visit.refresh_from_db()
    assert (visit.status, visit.findings.splitlines()[0]) == ("draft", "Tender band in the soleus.")
    assert page.sends["version"] == [str(visit.version)]
    assert not Signature.objects.exists()


def test_every_lack_at_once_is_listed_once(client, visit):
    response = client.post(
        f"/rls/visits/{visit.uuid}/", ROWS | {"visit_date": "2026-09-07", "version": "1", "do": "sign"}
    )
    page = Page(response)
    assert page.targets == [
        "id_since_last_0", "id_reaction_0", "id_safety_0", "id_response", "id_next_time",
        "id_timed_minutes", "id_total_minutes", "id_no_treatment_because",
    ]  # fmt: skip
    assert set(page.targets) <= set(page.ids)


def test_what_lacks_in_the_second_row_leads_to_the_second_row(client, visit):
    rows = {"site-1-muscle": "ta", "site-1-needles_in": "1", "needles_out": "4"}
    page = Page(post(client, visit, "sign", **rows))
    assert page.targets == ["id_site-1-side_0"]
    assert set(page.targets) <= set(page.ids)


def test_a_refused_note_is_mended_and_signed_from_the_same_page(client, visit):
    page = Page(post(client, visit, "sign", needles_out="2"))
    response = client.post(f"/rls/visits/{visit.uuid}/", page.sends | {"needles_out": "3", "do": "sign"})
    assert response.headers["Location"] == f"/rls/charts/{visit.chart.uuid}/"
    assert Visit.objects.get().status == "signed"


def test_a_signed_note_is_there_to_read_and_not_to_change(client, visit):
    post(client, visit, "sign")
    response = client.get(f"/rls/visits/{visit.uuid}/")
    page = Page(response)
    for text in (
        "Bruise at the calf.",
        "New anticoagulant.",
        "Tender band in the soleus.",
        "Add the foot.",
        "0.30 × 60",
    ):
        assert text in page.words
    assert "Less pull <b>&</b> easier to stand." in page.words
    assert "30 timed, 45 in total" in page.words
    assert "Dana Whitfield, Sept. 7, 2026" in page.words
    assert Signature.objects.get().content_hash[:16] in page.words
    assert (page.buttons, dict(page.sends)) == ([], {})


@pytest.mark.parametrize("do", ["save", "sign", "leave", "add", "discard"])
def test_a_signed_note_takes_no_form_any_more(client, visit, do):
    post(client, visit, "sign")
    before = Visit.objects.values().get()
    assert post(client, visit, do, seen=before["version"], findings="Changed.").status_code == 409
    assert Visit.objects.values().get() == before
    assert Signature.objects.count() == 1


def test_a_visit_without_treatment_is_signed_with_its_reason(client, visit):
    nothing = dict.fromkeys(SITE) | {"needles_out": "", "no_treatment_because": "Fever."}
    assert post(client, visit, "sign", **nothing).status_code == 302
    assert "Fever." in Page(client.get(f"/rls/visits/{visit.uuid}/")).words


def test_last_time_stands_above_the_new_note(client, visit, case):
    post(client, visit, "sign")
    location = client.post(f"/rls/cases/{case.uuid}/visits/", {"x": "1"}).headers["Location"]
    page = Page(client.get(location))
    assert "Last time, Sept. 7, 2026" in page.words
    assert "L ×3" in page.words
    assert "Add the foot." in page.words
    assert (page.sends["since_last"], page.sends["site-0-muscle"]) == ([], []), "nothing is carried forward"


# --- Whose note


def test_a_colleague_reads_a_draft_and_changes_nothing(client, visit, case):
    post(client, visit, "save")
    visit.refresh_from_db()
    theirs = signed_in(colleague_of(case))
    page = Page(theirs.get(f"/rls/visits/{visit.uuid}/"))
    assert "Tender band in the soleus." in page.words
    assert page.buttons == []
    for do in ("save", "sign", "discard"):
        assert post(theirs, visit, do, findings="Changed.").status_code in (403, 409)
    before = visit.version
    visit.refresh_from_db()
    assert (visit.version, visit.status, Signature.objects.count()) == (before, "draft", 0)


def test_two_authors_have_a_note_each(client, visit, case):
    signed_in(colleague_of(case)).post(f"/rls/cases/{case.uuid}/visits/", {"x": "1"})
    assert Visit.objects.count() == 2


def test_a_discarded_note_is_put_aside_and_leaves_the_form(client, visit):
    response = post(client, visit, "discard")
    assert response.headers["Location"] == f"/rls/charts/{visit.chart.uuid}/"
    visit.refresh_from_db()
    assert visit.status == "discarded"
    page = Page(client.get(f"/rls/visits/{visit.uuid}/"))
    assert ("discarded" in page.words, page.buttons) == (True, [])


def test_discarding_an_older_version_is_a_conflict(client, visit):
    post(client, visit, "save", seen=1)
    assert post(client, visit, "discard", seen=1).status_code == 409
    assert Visit.objects.get().is_draft


def test_a_nul_in_a_text_is_no_server_error(client, visit):
    assert post(client, visit, "save", findings="before\x00after").status_code == 422
